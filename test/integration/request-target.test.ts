import { once } from 'node:events';
import type { Server } from 'node:http';
import https from 'node:https';
import connect from 'connect';
import express from 'express';
import owin from 'owin';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { frontends, mounting } from '../support/frontends.ts';
import { kitchen, lines } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

// Answers every path with its environment.
const show = owin(appPath('Kitchen'), { method: 'ShowEveryPath' });
const trusting = owin(appPath('Kitchen'), { method: 'ShowEveryPath', trustProxy: true });
afterAll(() => Promise.all([show.close({ drain: 0 }), trusting.close({ drain: 0 })]));

type Env = Record<string, string>;

/** The environment of a request whose target goes over the wire as it is. */
async function envOf(port: number, target: string, ...headerLines: string[]): Promise<Env> {
  const connection = await Connection.open(port);
  const { text, status } = await connection.get(target, ...headerLines).response();
  expect(status, text).toBe(200);
  return lines(Buffer.from(text, 'latin1').toString('utf8'));
}

describe.each(Object.keys(frontends))('the path in %s', (name) => {
  const frontend = frontends[name] as (typeof frontends)[string];

  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/b/', '/a/b/'],
    ['/%41%6a', '/Aj'],
    ['/caf%C3%A9', '/café'],
    ['/%F0%9F%8E%B7', '/🎷'],
    ['/a%20b+c', '/a b+c'],
    ['/a%2Fb', '/a/b'],
    ['/%252F', '/%2F'],
    ['/a//b', '/a//b'],
    ['/a\\b', '/a\\b'],
    ['/a;v=1,2', '/a;v=1,2'],
    ["/~!$&'()*=:@", "/~!$&'()*=:@"],
  ])('%s is decoded once, as UTF-8', async (target, decoded) => {
    const { port } = await serve(frontend(show));
    expect((await envOf(port, target))['owin.RequestPath']).toBe(decoded);
  });

  test.each([
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/../../a', '/a'],
    ['/a/%2e%2E/b', '/b'],
    ['/a%2F..%2Fb', '/b'],
    ['/a/..%2f..%2fb', '/b'],
    ['/a/...', '/a/...'],
    ['/.a/b.', '/.a/b.'],
  ])('%s loses its dot segments after it has been decoded', async (target, resolved) => {
    const { port } = await serve(frontend(show));
    expect((await envOf(port, target))['owin.RequestPath']).toBe(resolved);
  });
});

describe('the path', () => {
  test.each([
    ['/%', '/%'],
    ['/%4', '/%4'],
    ['/%zz', '/%zz'],
    ['/%ff', '/%ff'],
    ['/%C3%28', '/%C3('],
    ['/%E2%82', '/%E2%82'],
    ['/%ED%A0%80', '/%ED%A0%80'],
    ['/a%C0%AFb', '/a%C0%AFb'],
    ['/%C3%A9%ff', '/é%ff'],
  ])('%s keeps what is no valid UTF-8 as it was written', async (target, literal) => {
    const { port } = await serve(show);
    expect((await envOf(port, target))['owin.RequestPath']).toBe(literal);
  });

  test.each(Object.keys(frontends))(
    'with %%00 is answered 400 by the server, in %s',
    async (name) => {
      const app = (frontends[name] as (typeof frontends)[string])(show);
      const { port } = await serve(app);
      const connection = await Connection.open(port);
      const { status } = await connection.get('/a%00b').response();
      expect(status).toBe(400);
    },
  );

  test('%00 in the query is the app’s own business', async () => {
    const { port } = await serve(show);
    expect(await envOf(port, '/a?b=%00')).toMatchObject({ 'owin.RequestQueryString': 'b=%00' });
  });

  test('loses a fragment, which the query keeps out of as well', async () => {
    const { port } = await serve(show);
    expect(await envOf(port, '/a#b?c')).toMatchObject({
      'owin.RequestPath': '/a',
      'owin.RequestQueryString': '',
    });
    expect(await envOf(port, '/a?b#c')).toMatchObject({
      'owin.RequestPath': '/a',
      'owin.RequestQueryString': 'b',
    });
  });

  test('of OPTIONS * is a slash, and the raw target an asterisk', async () => {
    const { port } = await serve(show);
    const connection = await Connection.open(port);
    connection.send('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(lines((await connection.response()).text)).toMatchObject({
      'owin.RequestMethod': 'OPTIONS',
      'owin.RequestPath': '/',
      'owin.RequestPathBase': '',
      'node.RawTarget': '*',
    });
  });

  test.each([
    ['http://other:8080/a/b?c=d', '/a/b', 'c=d', 'other:8080'],
    ['http://other', '/', '', 'other'],
    ['http://other?c', '/', 'c', 'other'],
    ['HTTP://user:secret@other/a', '/a', '', 'other'],
    ['https://[::1]:1/a', '/a', '', '[::1]:1'],
  ])(
    'of the absolute form %s is its own, and its authority is the host',
    async (target, pathOf, query, host) => {
      const { port } = await serve(show);
      const env = await envOf(port, target);
      expect(env).toMatchObject({
        'owin.RequestPath': pathOf,
        'owin.RequestQueryString': query,
        'owin.RequestPathBase': '',
        'header:Host': host,
        'node.RawTarget': target,
      });
    },
  );
});

describe('the query', () => {
  test.each([
    ['/a', ''],
    ['/a?', ''],
    ['/a?b', 'b'],
    ['/a?b?c', 'b?c'],
    ['/a?b=%2F%zz+%C3%A9', 'b=%2F%zz+%C3%A9'],
    ['/a%3Fb?c', 'c'],
    ['/?/../x', '/../x'],
  ])('of %s is raw, from the first question mark on', async (target, query) => {
    const { port } = await serve(show);
    expect((await envOf(port, target))['owin.RequestQueryString']).toBe(query);
  });

  test('is split off before decoding', async () => {
    const { port } = await serve(show);
    expect((await envOf(port, '/a%3Fb?c'))['owin.RequestPath']).toBe('/a?b');
  });
});

describe.each(Object.keys(mounting))('the path base in %s', (name) => {
  const frontend = mounting[name] as (typeof mounting)[string];

  test.each([
    ['/base', '/base', '', ''],
    ['/base/', '/base', '/', ''],
    ['/base?q=1', '/base', '', 'q=1'],
    ['/base/?q=1', '/base', '/', 'q=1'],
    ['/base/a/b?q', '/base', '/a/b', 'q'],
    ['/BASE/a', '/BASE', '/a', ''],
    ['/base/%2e%2e/a', '/base', '/a', ''],
    // Express 4 swallows the second slash.
    ['/base//a', '/base', name === 'express 4' ? '/a' : '//a', ''],
  ])(
    '%s is split where the handler is mounted, in the client’s casing',
    async (target, base, pathOf, query) => {
      const { port } = await serve(frontend(show, '/base'));
      expect(await envOf(port, target)).toMatchObject({
        'owin.RequestPathBase': base,
        'owin.RequestPath': pathOf,
        'owin.RequestQueryString': query,
        'node.OriginalUrl': target,
      });
    },
  );

  test('of the absolute form is found behind the authority', async () => {
    const { port } = await serve(frontend(show, '/base'));
    for (const [target, rest] of [
      ['http://other/base/a?q', '/a'],
      ['http://other/base?q', ''],
    ])
      expect(await envOf(port, target as string)).toMatchObject({
        'owin.RequestPathBase': '/base',
        'owin.RequestPath': rest,
        'owin.RequestQueryString': 'q',
        'header:Host': 'other',
      });
  });

  test('is empty without a mount', async () => {
    const { port } = await serve(frontend(show));
    expect(await envOf(port, '/a')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/a',
    });
  });

  test('of nested mounts is all of them', async () => {
    const outer = frontend(frontend(show, '/inner') as never, '/outer');
    const { port } = await serve(outer);
    expect(await envOf(port, '/outer/inner/a')).toMatchObject({
      'owin.RequestPathBase': '/outer/inner',
      'owin.RequestPath': '/a',
    });
    expect(await envOf(port, '/outer/inner')).toMatchObject({
      'owin.RequestPathBase': '/outer/inner',
      'owin.RequestPath': '',
    });
  });
});

describe('the path base', () => {
  test('is percent-decoded', async () => {
    const app = express().use('/{*any}/x', show);
    const { port } = await serve(app);
    expect(await envOf(port, '/caf%C3%A9%20noir/x/a')).toMatchObject({
      'owin.RequestPathBase': '/café noir/x',
      'owin.RequestPath': '/a',
    });
  });

  test.each(Object.keys(mounting))(
    'with a trailing slash in the mount has none, in %s',
    async (name) => {
      const { port } = await serve((mounting[name] as (typeof mounting)[string])(show, '/base/'));
      expect(await envOf(port, '/base/a')).toMatchObject({
        'owin.RequestPathBase': '/base',
        'owin.RequestPath': '/a',
      });
    },
  );

  test('stays empty for app.all, which mounts nothing', async () => {
    const { port } = await serve(express().all('/jazz', show));
    expect(await envOf(port, '/jazz')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/jazz',
    });
  });

  test.each([
    ['express', () => express()],
    ['connect', () => connect() as unknown as express.Express],
  ])('stays empty when middleware of %s has rewritten the url', async (_, make) => {
    const app = make();
    app.use((req, _res, next) => {
      req.url = new URL(req.url, 'http://any').searchParams.get('to') as string;
      next();
    });
    app.use(show as express.RequestHandler);
    const { port } = await serve(app);
    expect(await envOf(port, '/old?to=/new/path')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/new/path',
      'node.OriginalUrl': '/old?to=/new/path',
    });
    expect(await envOf(port, '/old?to=/')).toMatchObject({
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/',
    });
  });

  test('goes by the mount when middleware has rewritten the url below it', async () => {
    const router = express.Router();
    router.use((req, _res, next) => {
      req.url = '/rewritten';
      next();
    });
    router.use(show);
    const { port } = await serve(express().use('/base', router));
    expect(await envOf(port, '/base/old')).toMatchObject({
      'owin.RequestPathBase': '/base',
      'owin.RequestPath': '/rewritten',
    });
  });

  test('survives characters that only a rewritten url can have', async () => {
    const app = express().use((req, _res, next) => {
      req.url = '/♪/é';
      next();
    }, show);
    const { port } = await serve(app);
    expect((await envOf(port, '/a'))['owin.RequestPath']).toBe('/♪/é');
  });
});

describe('method and protocol', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH', 'PURGE'])(
    '%s arrives verbatim',
    async (method) => {
      const { url } = await serve(show);
      expect(lines((await request(`${url}/`, { method })).body)['owin.RequestMethod']).toBe(method);
    },
  );

  test.each(['HTTP/1.0', 'HTTP/1.1'])('%s arrives as it is', async (protocol) => {
    const { port } = await serve(show);
    const connection = await Connection.open(port);
    connection.send(`GET / ${protocol}\r\nHost: a\r\n\r\n`);
    expect(lines((await connection.response()).text)['owin.RequestProtocol']).toBe(protocol);
  });
});

describe('the scheme', () => {
  const forwarded = 'X-Forwarded-Proto: https';

  test('is the socket’s, whatever X-Forwarded-Proto says', async () => {
    const { port } = await serve(show);
    expect((await envOf(port, '/', forwarded))['owin.RequestScheme']).toBe('http');
  });

  test('is X-Forwarded-Proto’s first value with trustProxy', async () => {
    const { port } = await serve(trusting);
    expect((await envOf(port, '/', `${forwarded}, http`))['owin.RequestScheme']).toBe('https');
    expect((await envOf(port, '/', 'X-Forwarded-Proto: gopher'))['owin.RequestScheme']).toBe(
      'http',
    );
    expect((await envOf(port, '/'))['owin.RequestScheme']).toBe('http');
  });

  test('follows express’s own trust proxy', async () => {
    const { port } = await serve(express().set('trust proxy', true).use(show));
    expect((await envOf(port, '/', forwarded))['owin.RequestScheme']).toBe('https');
  });

  test('is https on a TLS socket', async () => {
    // A pre-shared key needs no certificate.
    const psk = { identity: 'test', psk: Buffer.from('0123456789abcdef') };
    const ciphers = 'PSK-AES128-GCM-SHA256';
    const server = https.createServer(
      { ciphers, pskCallback: () => psk.psk, maxVersion: 'TLSv1.2' } as https.ServerOptions,
      show,
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = (server as unknown as Server).address() as { port: number };
    const req = https.get({
      ...{ host: '127.0.0.1', port, agent: false, ciphers, maxVersion: 'TLSv1.2' },
      ...{ pskCallback: () => psk, checkServerIdentity: () => undefined },
    } as https.RequestOptions);
    const [res] = await once(req, 'response');
    let text = '';
    for await (const chunk of res) text += chunk;
    expect(lines(text)['owin.RequestScheme']).toBe('https');
  });
});

test('an app below the mount of another server’s path still gets its own routes', async () => {
  const { url } = await serve(express().use('/kitchen', kitchen));
  expect((await request(`${url}/kitchen/hello`)).body).toContain('Hello');
});
