import { once } from 'node:events';
import type { Server } from 'node:http';
import https from 'node:https';
import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { lines } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { envOf, show, trusting } from '../support/show.ts';

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
