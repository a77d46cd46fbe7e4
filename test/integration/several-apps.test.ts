// Several .NET apps on one pipeline, and one request that goes through two of them.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import owin from 'owin';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { mounting } from '../support/frontends.ts';
import { ask, serveHttp2 } from '../support/http2.ts';
import {
  allLetGo,
  kitchen as inner,
  lines,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';
import { load } from '../support/load.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

// The same assembly again: another app, with notes of its own.
const outer = owin(appPath('Kitchen'), { properties: { tag: 'outer' } });
const outerErrors: Error[] = [];
outer.on('error', (error) => outerErrors.push(error));
afterEach(() => expect.soft(outerErrors.splice(0)).toEqual([]));
afterAll(() => outer.close({ drain: 0 }));

async function outerNotes(of: string, atLeast = 1): Promise<string[]> {
  const { url } = await serve(outer);
  return (await request(`${url}/notes?of=${of}&at-least=${atLeast}`)).body.split('\n');
}

/** Middleware between the two apps: the inner one runs `target`. */
const onTo =
  (target: string): RequestHandler =>
  (req, _res, next) => {
    req.url = target;
    next();
  };

const chain = (name: string, target: string): express.Express => {
  const app = (mounting[name] as (typeof mounting)[string])(outer) as express.Express;
  return app.use(onTo(target)).use(inner as RequestHandler);
};

describe('one assembly mounted twice', () => {
  test('is two apps with options of their own', async () => {
    const app = express()
      .use('/a', load(appPath('Kitchen'), { properties: { tag: 'one' } }))
      .use('/b', load(appPath('Kitchen'), { properties: { tag: 'two' } }))
      .use('/c', load(appPath('Kitchen'), { method: 'ShowEveryPath' }));
    const { url } = await serve(app);
    expect((await request(`${url}/a/value?key=node.tag`)).body).toBe('string one');
    expect((await request(`${url}/b/value?key=node.tag`)).body).toBe('string two');
    const shown = lines((await request(`${url}/c/any/path`)).body);
    expect(shown).toMatchObject({ 'owin.RequestPathBase': '/c', 'owin.RequestPath': '/any/path' });
    expect(shown).not.toHaveProperty('node.tag');
  });

  test('the second is asked where the first goes on', async () => {
    const [first, second] = [load(appPath('Builder')), load(appPath('Kitchen'))];
    const { url } = await serve(express().use(first).use('/b', second));
    expect((await request(url)).body).toBe('configured');
    expect((await request(`${url}/b/hello`)).body).toContain('Hello');
    expect((await request(`${url}/c`)).status).toBe(404);
  });
});

describe.each(Object.keys(mounting))('.NET, JavaScript, .NET in %s', (name) => {
  test('share the response: headers and callbacks of both, the inner ones first', async () => {
    const id = topic();
    const innerSteps = [
      `id=${id}`,
      'header=X-Inner:i',
      'on-sending=header',
      'status=201',
      'write=x',
    ];
    const { url } = await serve(chain(name, script(...innerSteps)));
    const outerSteps = [`id=${id}`, 'header=X-Outer:o', 'on-sending=show', 'next', 'note=done'];
    const answer = await request(url + script(...outerSteps));
    expect([answer.status, answer.body]).toEqual([201, 'x']);
    expect(valuesOf(answer, 'X-Inner')).toEqual(['i']);
    expect(valuesOf(answer, 'X-Outer')).toEqual(['o']);
    expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
    expect(await notes(id)).toEqual(['sending header']);
    const seen = await outerNotes(id, 6);
    expect(seen).toEqual(
      expect.arrayContaining(['status 201', 'X-Inner: i', 'X-Outer: o', 'X-Sending: yes', 'done']),
    );
    await allLetGo();
  });

  test('share nothing else: each has an environment of its own', async () => {
    const id = topic();
    const { url } = await serve(chain(name, '/env'));
    const answer = await request(
      url + script(`id=${id}`, 'env=acme.Outer', 'header=X-Outer:o', 'status=299', 'next'),
    );
    const shown = lines(answer.body);
    expect(shown).toMatchObject({ 'owin.RequestPath': '/env', 'owin.ResponseStatusCode': '200' });
    expect(shown).not.toHaveProperty('acme.Outer');
    expect(shown).not.toHaveProperty('node.tag');
    expect(shown['node.OriginalUrl']).toContain('/script');
    expect(answer.status).toBe(200);
  });

  test('hand the user on through req.user', async () => {
    const { url } = await serve(chain(name, '/user'));
    expect((await request(`${url}/set-user?name=Ella&next`)).body).toContain('name=Ella');
  });

  test('both callbacks run where JavaScript answers in the end, the inner one first', async () => {
    const id = topic();
    const app = chain(name, script(`id=${id}`, 'on-sending=status', 'next'));
    app.use(((_req, res) => void res.end('JavaScript')) as RequestHandler);
    const { url } = await serve(app);
    const answer = await request(url + script(`id=${id}`, 'on-sending=show', 'next'));
    expect([answer.status, answer.body]).toEqual([418, 'JavaScript']);
    expect(await outerNotes(id, 2)).toContain('status 418');
    expect(await notes(id)).toEqual(['sending status']);
    await allLetGo();
  });

  test('an error of the inner one is a response for the outer one', async () => {
    const app = chain(name, '/throw');
    app.use(((error, _req, res, _next) => {
      res.statusCode = 599;
      res.end(String(error.message));
    }) as ErrorRequestHandler as never);
    const { url } = await serve(app);
    const id = topic();
    const answer = await request(`${url}/next?id=${id}`);
    expect([answer.status, answer.body]).toEqual([599, 'thrown by the app']);
    expect(await outerNotes(id)).toEqual(['none 599']);
    await allLetGo();
  });

  test('a response that the inner one breaks off ends the outer one’s await', async () => {
    const { url } = await serve(chain(name, script('write=begun', 'flush', 'throw=inner failure')));
    const id = topic();
    await expect(request(`${url}/next?id=${id}`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await outerNotes(id))[0]).toContain('System.IO.IOException');
    expect(reportedErrors()).toMatchObject([{ message: 'inner failure' }]);
    await allLetGo();
  });

  test('a client that leaves is gone for both', async () => {
    const id = topic();
    const { port } = await serve(chain(name, `/cancelled-log?id=${id}`));
    const connection = await Connection.open(port);
    connection.get(`/next?id=${id}`);
    await notes(`${id}:waiting`);
    connection.destroy();
    expect((await outerNotes(id))[0]).toContain('System.IO.IOException');
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('keep the AsyncLocalStorage of their request', async () => {
    const storage = new AsyncLocalStorage<string>();
    const app = chain(name, '/next');
    app.use(((_req, res) => void res.end(storage.getStore())) as RequestHandler);
    const listener: RequestListener = (req, res) =>
      storage.run(req.headers['x-id'] as string, () => app(req, res));
    const { url } = await serve(listener);
    const ids = Array.from({ length: 20 }, (_, i) => `context-${i}`);
    const asked = ids.map((id) => request(`${url}/next`, { headers: { 'X-Id': id } }));
    expect((await Promise.all(asked)).map(({ body }) => body)).toEqual(ids);
  });
});

describe.each([true, false])('.NET, JavaScript, .NET over HTTP/2, TLS: %s', (secure) => {
  const listening =
    (target: string): RequestListener =>
    (req, res) =>
      outer(req, res, () => {
        req.url = target;
        inner(req, res, (error) => {
          res.statusCode = error ? 599 : 404;
          res.end(error ? String((error as Error).message) : '');
        });
      });

  test('share the response', async () => {
    const id = topic();
    const { session } = await serveHttp2(
      listening(script('header=X-Inner:i', 'on-sending=header', 'status=201', 'write=x')),
      secure,
    );
    const path = script(
      `id=${id}`,
      'header=X-Outer:o',
      'header=Connection:close',
      'on-sending=show',
      'next',
    );
    const { status, text, headers } = await ask(session, { ':path': path });
    expect([status, text]).toEqual([201, 'x']);
    expect(headers).toMatchObject({ 'x-inner': 'i', 'x-outer': 'o', 'x-sending': 'yes' });
    expect(await outerNotes(id, 4)).toEqual(expect.arrayContaining(['status 201', 'x-inner: i']));
    await allLetGo();
  });

  test('an error of the inner one is a response for the outer one', async () => {
    const { session } = await serveHttp2(listening('/throw'), secure);
    const id = topic();
    const { status, text } = await ask(session, { ':path': `/next?id=${id}` });
    expect([status, text]).toEqual([599, 'thrown by the app']);
    expect(await outerNotes(id)).toEqual(['none 599']);
  });

  test('a response that the inner one breaks off ends the outer one’s await', async () => {
    const target = script('write=begun', 'flush', 'throw=inner failure');
    const { session } = await serveHttp2(listening(target), secure);
    const id = topic();
    const { code } = await ask(session, { ':path': `/next?id=${id}` });
    expect(code).not.toBe(0);
    expect((await outerNotes(id))[0]).toContain('System.IO.IOException');
    expect(reportedErrors()).toMatchObject([{ message: 'inner failure' }]);
    await allLetGo();
  });
});
