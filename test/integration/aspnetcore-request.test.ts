import http from 'node:http';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { features, notes, topic } from '../support/aspnet-http.ts';
import { Connection } from '../support/connection.ts';
import { frontends, mounting } from '../support/frontends.ts';
import { ask, serveHttp2 } from '../support/http2.ts';
import { type RequestOptions, request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const json = async (url: string, options?: RequestOptions) =>
  JSON.parse((await request(url, options)).body);

describe.each(Object.keys(frontends))('IHttpRequestFeature in %s', (name) => {
  const frontend = frontends[name] as (typeof frontends)[string];

  test('has the parts of the target, an encoded slash encoded', async () => {
    const { url, port } = await serve(frontend(features));
    const target = '/request/a%2Fb/%C3%A9%20?x=%20&y=/';
    expect(await json(url + target, { headers: { Host: 'example.org:81' } })).toMatchObject({
      method: 'GET',
      scheme: 'http',
      protocol: 'HTTP/1.1',
      pathBase: '',
      path: '/request/a%2Fb/é ',
      rest: 'a%2Fb/é ',
      queryString: '?x=%20&y=/',
      rawTarget: target,
      host: 'example.org:81',
      contentLength: null,
      canHaveBody: false,
      upgradable: false,
      identified: true,
      remote: '127.0.0.1',
      local: '127.0.0.1',
      localPort: port,
    });
  });

  test('knows of a body', async () => {
    const { url } = await serve(frontend(features));
    const described = await json(`${url}/request`, { method: 'PUT', body: 'four' });
    expect(described).toMatchObject({ method: 'PUT', contentLength: 4, canHaveBody: true });
  });
});

describe.each(Object.keys(mounting))('below a mount of %s', (name) => {
  test.each([
    ['/shop/request/x?a=1', '/shop', '/request/x'],
    ['/Shop/request', '/Shop', '/request'],
    ['/shop', '/shop', ''],
    ['/shop/', '/shop', '/'],
  ])('%s has PathBase and Path', async (target, pathBase, path) => {
    const frontend = mounting[name] as (typeof mounting)[string];
    const seen: string[] = [];
    const { url } = await serve(frontend(features, '/shop'));
    const of = topic();
    const answer = await request(`${url}${target}${target.includes('?') ? '&' : '?'}path=${of}`);
    if (path.startsWith('/request')) {
      seen.push(...[JSON.parse(answer.body).pathBase, JSON.parse(answer.body).path]);
      expect(seen).toEqual([pathBase, path]);
    } else {
      expect(answer.status).toBe(404);
      expect(await notes(of)).toEqual([`${pathBase}|${path}`]);
    }
  });
});

test('the request of HTTP/1.0, of a whole url and of a unix socket', async () => {
  const { port } = await serve(features);
  const old = await Connection.open(port);
  old.send('GET /request HTTP/1.0\r\n\r\n');
  const described = JSON.parse((await old.response()).text);
  expect(described).toMatchObject({ protocol: 'HTTP/1.0', host: `127.0.0.1:${port}` });
  const whole = await Connection.open(port);
  whole.send('GET http://a.example/request?q HTTP/1.1\r\nHost: b.example\r\n\r\n');
  expect(JSON.parse((await whole.response()).text)).toMatchObject({
    host: 'a.example',
    path: '/request',
    queryString: '?q',
    rawTarget: 'http://a.example/request?q',
  });
});

describe('IHeaderDictionary of the request', () => {
  const send = async (target: string) => {
    const { port } = await serve(features);
    const connection = await Connection.open(port);
    connection.send(
      `GET ${target} HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nX-Gone: 1\r\nx-two: 2\r\nX-Utf: \xc3\xa9\r\nX-Latin: \xe9\r\nX-Empty:\r\nX-Changed: old\r\n\r\n`,
    );
    return JSON.parse(Buffer.from((await connection.response()).text, 'latin1').toString());
  };
  // Connection sends texts as UTF-8: the bytes that are meant are sent as bytes.
  const sendBytes = async (target: string) => {
    const { port } = await serve(features);
    const connection = await Connection.open(port);
    connection.send(
      Buffer.from(
        `GET ${target} HTTP/1.1\r\nHost: a\r\nX-Utf: \xc3\xa9\r\nX-Latin: \xe9\r\n\r\n`,
        'latin1',
      ),
    );
    return JSON.parse(Buffer.from((await connection.response()).text, 'latin1').toString());
  };

  test('has the lines of a name together, in whichever case they came', async () => {
    const all = await send('/headers');
    expect(all).toMatchObject({ Host: ['a'], 'X-Two': ['1', '2'], 'X-Empty': [''] });
    expect(await send('/header?name=X-TWO')).toEqual({
      values: ['1', '2'],
      found: true,
      contained: true,
    });
    expect(await send('/header?name=X-None')).toEqual({
      values: [],
      found: false,
      contained: false,
    });
  });

  test('are UTF-8 where they can be, else latin-1', async () => {
    const all = await sendBytes('/headers');
    expect([all['X-Utf'], all['X-Latin']]).toEqual([['é'], ['é']]);
    expect((await sendBytes('/header?name=x-utf')).values).toEqual(['é']);
    expect((await sendBytes('/header?name=x-latin')).values).toEqual(['é']);
  });

  test('can be changed', async () => {
    const changed = await send('/headers/change');
    expect(changed).toMatchObject({
      'X-Changed': ['new'],
      'X-Added': ['1'],
      'Content-Length': ['17'],
      'X-Two': ['1', '2'],
    });
    expect(changed).not.toHaveProperty('X-Gone');
  });
});

test('the collection of features counts its changes and knows what is there', async () => {
  const { url } = await serve(features);
  const collection = await json(`${url}/collection`);
  expect(collection).toMatchObject({
    allThere: true,
    grown: 3,
    set: [1, 2],
    gone: true,
    isReadOnly: false,
  });
  expect(collection.names).toEqual(
    expect.arrayContaining([
      'IEndpointFeature',
      'IHttpAuthenticationFeature',
      'IHttpBodyControlFeature',
      'IHttpConnectionFeature',
      'IHttpMaxRequestBodySizeFeature',
      'IHttpRequestBodyDetectionFeature',
      'IHttpRequestFeature',
      'IHttpRequestIdentifierFeature',
      'IHttpRequestLifetimeFeature',
      'IHttpRequestTrailersFeature',
      'IHttpResponseBodyFeature',
      'IHttpResponseFeature',
      'IHttpResponseTrailersFeature',
      'IHttpUpgradeFeature',
      'IPersistentStateFeature',
      'IRequestBodyPipeFeature',
      'IRouteValuesFeature',
    ]),
  );
  // Those of HTTP/2 and of TLS are for these alone.
  expect(collection.names).not.toContain('IHttpResetFeature');
  expect(collection.names).not.toContain('ITlsConnectionFeature');
});

describe('what JavaScript knows', () => {
  const behind = (change: express.RequestHandler) => express().use(change).use(features);

  test('of req.owin is in HttpContext.Items', async () => {
    const { url } = await serve(
      behind((req, _res, next) => {
        Object.assign(req, { owin: { tenant: 'acme', 'node.count': 3, none: null } });
        next();
      }),
    );
    const items = await json(`${url}/items`);
    expect(items).toMatchObject({ 'node.tenant': 'acme', 'node.count': '3' });
    expect(items).not.toHaveProperty('node.none');
  });

  test('of a body that was read and not kept is in HttpContext.Items', async () => {
    const { url } = await serve(
      behind((req, _res, next) => {
        req.resume().on('end', next);
      }),
    );
    const answer = await json(`${url}/items`, { method: 'POST', body: 'gone' });
    expect(answer).toMatchObject({ 'node.BodyConsumed': 'True' });
  });

  test('of req.user is HttpContext.User', async () => {
    const { url } = await serve(
      behind((req, _res, next) => {
        Object.assign(req, { user: { name: 'ella', roles: ['admin'] } });
        next();
      }),
    );
    expect(await json(`${url}/user`)).toMatchObject({
      name: 'ella',
      isAuthenticated: true,
      same: true,
      claims: ['ella', 'admin'],
    });
    expect((await request(`${url}/authorized`)).body).toBe('in');
  });

  test('is nobody without one, and stays undefined', async () => {
    let user: unknown = 'untouched';
    const { url } = await serve(
      express().use((req, res, next) => {
        res.on('finish', () => {
          user = 'user' in req ? req.user : 'none';
        });
        features(req, res, next);
      }),
    );
    expect(await json(`${url}/user`)).toMatchObject({ isAuthenticated: false, claims: [] });
    expect(user).toBe('none');
    expect((await request(`${url}/authorized`)).status).toBe(401);
  });

  test('learns the user that .NET sets', async () => {
    let user: unknown;
    const { url } = await serve((req, res) => {
      res.on('finish', () => {
        user = (req as { user?: unknown }).user;
      });
      features(req, res);
    });
    expect((await request(`${url}/user/set`)).body).toBe('set');
    expect(user).toMatchObject({ name: 'from .NET', authenticationType: 'test' });
  });
});

test('requests of HTTP/2 have its protocol, their authority as Host, and a body without a length', async () => {
  const { session, port } = await serveHttp2(features);
  const body = await ask(session, { ':method': 'POST', ':path': '/request/x?y' }, ['bo', 'dy']);
  expect(JSON.parse(body.text)).toMatchObject({
    protocol: 'HTTP/2',
    scheme: 'https',
    host: `localhost:${port}`,
    path: '/request/x',
    queryString: '?y',
    contentLength: null,
    canHaveBody: true,
  });
});

test('pseudo headers of HTTP/2 are none, and the crumbs of a cookie are one', async () => {
  const { session } = await serveHttp2(features);
  const values = async (name: string) =>
    JSON.parse(
      (await ask(session, { ':path': `/header?name=${name}`, cookie: ['a=1', 'b=2'] })).text,
    );
  expect(await values(':path')).toEqual({ values: [], found: false, contained: false });
  expect((await values('Cookie')).values).toEqual(['a=1; b=2']);
});

test('addresses of a unix socket are none', async () => {
  const server = http.createServer(features);
  const path = `/tmp/owin-${process.pid}-${Date.now()}.sock`;
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    expect(await json('http://localhost/request', { socketPath: path })).toMatchObject({
      remote: null,
      remotePort: 0,
      local: null,
      host: 'localhost',
    });
  } finally {
    server.close();
  }
});
