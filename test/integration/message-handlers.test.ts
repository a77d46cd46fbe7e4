import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import express from 'express';
import owin, { type AppOptions } from 'owin';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { certificate } from '../support/certificates.ts';
import { Connection } from '../support/connection.ts';
import { ask as askHttp2, serveHttp2 } from '../support/http2.ts';
import { lines } from '../support/lines.ts';
import { load } from '../support/load.ts';
import { answerOf, request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { serveFile } from '../support/serve-file.ts';

const app = appPath('MessageHandlers');
const kind = 'messageHandler';
const handler = owin(app, { kind, properties: { stamp: 'given by JavaScript' } });
const errors: Error[] = [];
handler.on('error', (error) => errors.push(error));

// Behind it answers express, with the error or with what nobody has answered.
const front = express()
  .use((req, _res, next) => {
    const name = req.headers['x-user'];
    if (name) Object.assign(req, { user: { id: 7, name } });
    next();
  })
  .use('/api', handler)
  .use((req, res) => void res.status(299).end(`behind: ${req.method}`))
  .use(((error, _req, res, _next) => {
    res.status(error.status ?? 500).end(`${error.name}: ${error.message}`);
  }) as express.ErrorRequestHandler);

let url: string;
let port: number;
beforeAll(async () => {
  ({ url, port } = await serveFile(front, handler, '/api', errors));
});

const notes = async () => (await request(`${url}/notes`)).body.split('\n').filter(Boolean);

describe('the request message', () => {
  test('has method, whole url, version and headers, those of the content apart', async () => {
    const { body } = await request(`${url}/a%2Fb/request?q=%20x&q=y`, {
      method: 'PURGE',
      headers: {
        'X-Two': ['one', 'two'],
        'User-Agent': 'Kitchen/1 (steel)',
        'Content-Type': 'text/x-own; a=b',
        'Content-Language': 'de',
      },
      body: 'the body',
    });
    expect(body).toContain('method=PURGE\n');
    expect(body).toContain(`uri=${url}/a%2Fb/request?q=%20x&q=y\n`);
    expect(body).toContain('version=1.1\n');
    expect(body).toContain('header X-Two=one|two\n');
    expect(body).toContain('header User-Agent=Kitchen/1 (steel)\n');
    expect(body).toContain('content Content-Type=text/x-own; a=b\n');
    expect(body).toContain('content Content-Language=de\n');
    expect(body.endsWith('body=the body')).toBe(true);
  });

  test.each([
    [
      'GET /api/request HTTP/1.0',
      ['Host: other.example:81'],
      'http://other.example:81/api/request',
      '1.0',
    ],
    [
      'GET http://given.example/api/request?x HTTP/1.1',
      ['Host: no'],
      'http://given.example/api/request?x',
      '1.1',
    ],
    ['GET /api/x/../request HTTP/1.1', ['Host: a'], 'http://a/api/request', '1.1'],
    ['GET /api/%C3%A9/request HTTP/1.1', ['Host: a'], 'http://a/api/%C3%A9/request', '1.1'],
  ])('of %s', async (line, headers, uri, version) => {
    const client = await Connection.open(port);
    client.send([line, ...headers, 'Connection: close', '', ''].join('\r\n'));
    const text = Buffer.from(await client.end(), 'latin1').toString();
    expect(text).toContain(`\nuri=${uri}\nversion=${version}\n`);
  });

  test('over HTTP/2 says so', async () => {
    const { session } = await serveHttp2(handler);
    const { text } = await askHttp2(session, { ':path': '/request' });
    expect(text).toContain('version=2.0\n');
  });

  test('of a Host that makes no url is refused with 400', async () => {
    const client = await Connection.open(port);
    client.send('GET /api/request HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
    expect(await client.end()).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('has a body that streams, both ways at once', async () => {
    const client = await Connection.open(port);
    client.send('POST /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.send('3\r\none\r\n');
    await client.until('one');
    client.send('3\r\ntwo\r\n0\r\n\r\n');
    await client.until('two\r\n0\r\n\r\n');
  });

  test('of 5 MB comes back whole', async () => {
    const body = Buffer.alloc(5_000_000, 'message handlers ');
    expect((await request(`${url}/echo`, { method: 'POST', body })).bytes.equals(body)).toBe(true);
  });

  test('whose body nobody read does not hold up the connection', async () => {
    const client = await Connection.open(port);
    const post = 'POST /api/unread HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody';
    client.send(post + post);
    expect((await client.response()).status).toBe(200);
    expect((await client.response()).status).toBe(200);
  });
});

describe('the response message', () => {
  test.each([
    ['known', '12', undefined, 'twelve bytes'],
    ['empty', '0', undefined, ''],
    ['seekable', '8', undefined, 'seekable'],
    ['unmeasured', '7', undefined, 'one two'],
    ['stream', undefined, 'chunked', 'one two three'],
  ])(
    'with the content %s has its length or comes in chunks',
    async (path, length, encoding, body) => {
      const answer = await request(`${url}/${path}`);
      expect(answer.headers['content-length']).toBe(length);
      expect(answer.headers['transfer-encoding']).toBe(encoding);
      expect(answer.body).toBe(body);
      expect(answer.headers['x-stamp']).toBe('given by JavaScript');
    },
  );

  test.each([
    ['known', '12'],
    ['unmeasured', '7'],
    ['stream', undefined],
  ])('to HEAD for %s has the headers alone', async (path, length) => {
    const answer = await request(`${url}/${path}`, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-length'], answer.body]).toEqual([
      200,
      length,
      '',
    ]);
  });

  test.each([204, 205, 304])('of status %s leaves its content out', async (status) => {
    const client = await Connection.open(port);
    client.get(`/api/status?${status}`).get('/api/known');
    const { headers } = await client.response();
    expect(headers.get('etag')).toEqual(['"tag"']);
    expect(headers.get('content-length')).toEqual(status === 205 ? ['0'] : undefined);
    expect((await client.response()).text).toBe('twelve bytes');
  });

  test('has every header as it was written', async () => {
    const answer = await request(`${url}/headers`);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1; Path=/', 'b=2']);
    expect(valuesOf(answer, 'X-Two')).toEqual(['one', 'two']);
    expect(valuesOf(answer, 'Server')).toEqual(['Kitchen/1.0 (made of steel)']);
    expect(valuesOf(answer, 'WWW-Authenticate')).toEqual(['Basic realm="a, b"', 'Bearer']);
    expect(valuesOf(answer, 'Cache-Control')).toEqual(['no-store, max-age=5']);
    expect(valuesOf(answer, 'Content-Type')).toEqual(['application/x-own']);
    expect(valuesOf(answer, 'Expires')).toEqual(['Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(answer.bytes).toEqual(Buffer.from([1, 2, 3]));
  });

  test('has the reason it was given', async () => {
    const { status, reason } = await request(`${url}/reason`);
    expect([status, reason]).toEqual([299, 'As You Like It']);
  });

  test('has trailers', async () => {
    const client = await Connection.open(port);
    client.get('/api/trailers', 'TE: trailers', 'Connection: close');
    expect(await client.end()).toMatch(/4\r\nbody\r\n0\r\nX-Sum: 4\r\n\r\n$/i);
  });

  test('is disposed with its content', async () => {
    const disposed = async () => Number((await request(`${url}/disposed-contents`)).body);
    const before = await disposed();
    await request(`${url}/unmeasured`);
    await request(`${url}/unmeasured`, { method: 'HEAD' });
    await expect.poll(disposed).toBe(before + 2);
  });
});

describe('what fails', () => {
  test.each([
    ['throw', 'System.InvalidOperationException: the handler has failed'],
    [
      'null',
      'System.InvalidOperationException: The message handlers returned null instead of a response.',
    ],
    ['cancelled', "OwinError: The app's Task was cancelled."],
    ['unmeasured-throws', 'System.IO.InvalidDataException: the content has failed'],
    [
      'bad-header',
      "OwinError: The value of the header 'X-Bad' holds the character U+0142, which cannot be sent.",
    ],
    ['status?101', "OwinError: 'owin.ResponseStatusCode' is 101; a response can have 200 to 999."],
  ])('before the response has begun goes to express: %s', async (path, message) => {
    const { status, body } = await request(`${url}/${path}`);
    expect(status).toBe(500);
    expect(body).toContain(message);
  });

  test('in a streamed content cuts the response off', async () => {
    await expect(request(`${url}/stream-throws`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect
      .poll(() => errors.splice(0).map(({ message }) => message))
      .toEqual(['the stream has failed']);
  });
});

describe('a 404', () => {
  test('because no route matched goes on to express, with the request as it came', async () => {
    const { status, body } = await request(`${url}/soft`, { method: 'POST', body: 'unread' });
    expect([status, body]).toEqual([299, 'behind: POST']);
  });

  test('of a handler’s own is final', async () => {
    const { status, body } = await request(`${url}/hard`);
    expect([status, body]).toEqual([404, 'there is none']);
  });

  test('is what the handlers answer where nobody else can', async () => {
    const alone = load(app, { kind, fallthrough: false });
    const { url } = await serve(express().use(alone));
    const { status, body } = await request(`${url}/soft`);
    expect([status, body]).toEqual([404, 'no route has matched']);
  });

  test('after the body was read names the option that keeps it', async () => {
    const body = Buffer.alloc(100_000);
    const answer = await request(`${url}/soft-read`, { method: 'POST', body });
    expect(answer.status).toBe(500);
    expect(answer.body).toContain("buffering: { request: 'buffer' }");
  });
});

describe('the request context', () => {
  test('knows that the client is local, and lets it see errors', async () => {
    const { body } = await request(`${url}/context?a`);
    expect(lines(body)).toEqual({
      local: 'True',
      detail: 'True',
      certificate: 'none',
      original: '/api/context?a',
    });
  });

  test('shows errors as the property IncludeErrorDetail says', async () => {
    const discreet = load(app, { kind, properties: { IncludeErrorDetail: false } });
    const { url } = await serve(discreet);
    expect(lines((await request(`${url}/context`)).body)['detail']).toBe('False');
  });

  test('has the certificate of the client', async () => {
    const authority = certificate('authority');
    const server = { ...certificate('server', 'authority'), ca: authority.cert, requestCert: true };
    const secure = https.createServer(server, handler).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    onTestFinished(() => void secure.close());
    const { key, cert } = certificate('client', 'authority');
    const { port } = secure.address() as AddressInfo;
    const to = { port, host: '127.0.0.1', path: '/context', ca: authority.cert, agent: false };
    const req = https.get({ ...to, key, cert });
    const [res] = await once(req, 'response');
    expect(lines((await answerOf(res)).body)['certificate']).toBe('CN=client');
  });

  test('makes req.user the principal of the thread, of that request alone', async () => {
    const as = async (name?: string) =>
      (await request(`${url}/principal`, { headers: name ? { 'X-User': name } : {} })).body;
    expect(await as('ella')).toBe('ella');
    await request(`${url}/become`);
    expect(await Promise.all(['a', 'b', undefined, 'c', undefined].map(as))).toEqual([
      ...['a', 'b', 'nobody', 'c', 'nobody'],
    ]);
  });

  test('disposes what was registered with the request, whatever throws', async () => {
    const said: string[] = [];
    const logging = load(app, { kind, log: ({ message }) => void said.push(message) });
    const { url } = await serve(logging);
    expect((await request(`${url}/register`)).body).toBe('registered');
    await expect
      .poll(async () => (await request(`${url}/notes?3`)).body)
      .toBe('first\nsecond, which throws\nthird');
    await expect.poll(() => said.join('\n')).toContain('second, which throws');
  });
});

describe('a client that leaves', () => {
  test('cancels the token of the handlers', async () => {
    const client = await Connection.open(port);
    client.get('/api/wait');
    await expect.poll(notes).toEqual(['waiting']);
    client.destroy();
    await expect.poll(notes).toEqual(['cancelled']);
  });
});

describe('the pipeline', () => {
  const begin = (options: AppOptions) => load(app, { kind, ...options });
  const ask = async (options: AppOptions, path = '/') => {
    const { url } = await serve(express().use(begin(options)));
    return (await request(url + path)).body;
  };

  test.each<[string, AppOptions]>([
    ['a type that is a handler', { type: 'MessageHandlers.Plain' }],
    ['a type that is an invoker', { type: 'MessageHandlers.OwnInvoker' }],
    ['a method that returns an invoker', { type: 'MessageHandlers.Factory', method: 'Invoker' }],
    ['a method that returns a handler', { type: 'MessageHandlers.Factory', method: 'Handler' }],
  ])('is %s', async (_, options) => {
    expect(await ask(options)).toBe('plain');
  });

  test('that has no end goes on to express', async () => {
    expect(await ask({ type: 'MessageHandlers.Front' }, '/front')).toBe('front');
    expect(await ask({ type: 'MessageHandlers.Front' }, '/else')).toContain('Cannot GET /else');
  });

  test('says what it is', async () => {
    expect(await handler.ready).toMatchObject({
      kind,
      type: 'MessageHandlers.Startup',
      method: 'Configuration',
    });
    expect(await begin({ type: 'MessageHandlers.Plain' }).ready).toMatchObject({
      kind,
      type: 'MessageHandlers.Plain',
      method: 'SendAsync',
    });
  });

  test('is disposed when the handler closes', async () => {
    const said: string[] = [];
    const closing = begin({
      type: 'MessageHandlers.Plain',
      log: ({ message }) => void said.push(message),
    });
    await closing.ready;
    expect(said).toEqual([]);
    await closing.close();
    await expect.poll(() => said).toEqual(['plain is disposed']);
  });

  test.each<[string, AppOptions, string]>([
    [
      'a constructor with parameters',
      { type: 'MessageHandlers.Unready' },
      'MessageHandlers.Unready is a message handler, but it has no public constructor without parameters.',
    ],
    [
      'null',
      { type: 'MessageHandlers.Factory', method: 'Null' },
      'MessageHandlers.Factory.Null returned null',
    ],
    [
      'a method that returns something else',
      { type: 'MessageHandlers.Factory', method: 'Text' },
      'Text(): it returns string, not HttpMessageHandler',
    ],
    [
      'no such method',
      { type: 'MessageHandlers.Factory' },
      'a public method Configuration or Register, static or not, in the type MessageHandlers.Factory',
    ],
  ])('of %s is an error that says so', async (_, options, message) => {
    const error = await begin(options).ready.catch((error) => error);
    expect(error.code).toBe('ERR_OWIN_STARTUP_SIGNATURE');
    expect(error.message).toContain(message);
  });

  test('of an app without one lists what was looked for', async () => {
    const error = await load(appPath('NoStartup'), { kind }).ready.catch((error) => error);
    expect(error.code).toBe('ERR_OWIN_STARTUP_NOT_FOUND');
    expect(error.message).toContain(
      'Looked for NoStartup.Startup and NoStartup.WebApiConfig, then for a type named Startup or WebApiConfig',
    );
  });
});
