import connect from 'connect';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { ask, serveHttp2 } from '../support/http2.ts';
import { kitchen, lines, reportedErrors } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

type WithUser = { user?: unknown };

/** The kitchen behind a handler that sets `req.user`, and before one that answers with it. */
const withUser = (user: unknown) =>
  express()
    .use((req, _res, next) => {
      if (user !== undefined) (req as WithUser).user = user;
      next();
    })
    .use(kitchen)
    .use((req, res) => void res.json((req as WithUser).user ?? null));

const shown = async (user: unknown): Promise<Record<string, string>> => {
  const { url } = await serve(withUser(user));
  return lines((await request(`${url}/user`)).body);
};

const ella = {
  id: '7',
  name: 'Ella',
  email: 'ella@example.org',
  roles: ['admin'],
  authenticationType: 'kitchen',
  isAuthenticated: true,
};

describe('req.user', () => {
  test('is the user in .NET, with its claims', async () => {
    expect(
      await shown({
        id: 5,
        username: 'ella',
        emails: [{ value: 'a@b' }, { value: 'c@d' }],
        roles: ['admin', 'singer'],
        provider: 'local',
        verified: true,
        nested: { not: 'a claim' },
        tenant: 'é',
      }),
    ).toEqual({
      name: 'ella',
      type: 'local',
      authenticated: 'True',
      same: 'True',
      admin: 'True',
      claims:
        'nameidentifier:5|name:ella|emailaddress:a@b|emailaddress:c@d|role:admin|role:singer|provider:local|verified:true|tenant:é',
    });
  });

  test('of a token has the claims of the token', async () => {
    const claims = (await shown({ sub: 'x-1', name: 'Ella', scope: 'a b', exp: 7 }))['claims'];
    expect(claims).toBe('nameidentifier:x-1|name:Ella|scope:a b|exp:7');
  });

  test('that is a text is the name', async () => {
    expect(await shown('ella')).toMatchObject({ name: 'ella', claims: 'name:ella' });
  });

  test.each([undefined, null, 0, false])('%j is no user', async (user) => {
    expect(await shown(user)).toEqual({ absent: 'True' });
  });

  test('with claims of its own has those, as .NET wrote them', async () => {
    const claims = [{ type: 'custom', value: 'é' }];
    expect((await shown({ name: 'Ella', claims }))['claims']).toBe('name:Ella|custom:é');
  });
});

describe('a user that .NET sets', () => {
  test('is req.user behind next', async () => {
    const { url } = await serve(withUser(undefined));
    const { body } = await request(`${url}/set-user?name=Ella&next`);
    const user = JSON.parse(body);
    expect(user).toMatchObject(ella);
    expect(user.claims).toContainEqual({ type: 'custom', value: 'é' });
  });

  test('replaces that of JavaScript, or takes it away', async () => {
    const { url } = await serve(withUser({ name: 'Louis' }));
    expect(JSON.parse((await request(`${url}/set-user?name=Ella&next`)).body).name).toBe('Ella');
    expect((await request(`${url}/set-user?next`)).body).toBe('null');
  });

  test('where req.user can only be read is an error of the handler, and the request goes on', async () => {
    const app = connect()
      .use((req, _res, next) => {
        Object.defineProperty(req, 'user', { get: () => 'Louis' });
        next();
      })
      .use(kitchen)
      .use((_req, res) => void res.end('behind'));
    const { url } = await serve(app);
    expect((await request(`${url}/set-user?name=Ella&next`)).body).toBe('behind');
    expect(reportedErrors()).toMatchObject([{ name: 'TypeError' }]);
  });

  test('that was not set stays the object that it was', async () => {
    const user = { name: 'Louis', password: Symbol('not a claim') };
    let seen: unknown;
    const app = connect()
      .use((req, _res, next) => {
        (req as WithUser).user = user;
        next();
      })
      .use(kitchen)
      .use((req, res) => {
        seen = (req as WithUser).user;
        res.end();
      });
    const { url } = await serve(app);
    await request(`${url}/next`);
    expect(seen).toBe(user);
  });

  test.each(['node:http', 'HTTP/2'])('is req.user after the response on %s', async (name) => {
    let seen: unknown;
    const app = (req: never, res: never) => {
      (res as import('node:http').ServerResponse).on('finish', () => {
        seen = (req as WithUser).user;
      });
      kitchen(req, res);
    };
    if (name === 'HTTP/2') {
      const { session } = await serveHttp2(app);
      await ask(session, { ':path': '/set-user?name=Ella' });
    } else {
      const { url } = await serve(app as never);
      await request(`${url}/set-user?name=Ella`);
    }
    expect(seen).toMatchObject(ella);
  });
});
