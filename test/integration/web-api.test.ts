import express from 'express';
import owin, { type AppOptions } from 'owin';
import { beforeAll, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { load } from '../support/load.ts';
import { type RequestOptions, request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { serveFile } from '../support/serve-file.ts';

// ASP.NET Web API 2 as NuGet has it, built for .NET Framework 4.5.
const app = appPath('WebApi');
const kind = 'messageHandler';
const handler = owin(app, { kind });
const errors: Error[] = [];
handler.on('error', (error) => errors.push(error));

const front = express()
  .use((req, _res, next) => {
    const name = req.headers['x-user'];
    if (name) Object.assign(req, { user: { name, roles: ['reader'] } });
    next();
  })
  .use(['/web', '/with%20space'], handler)
  .get('/web/js', (_req, res) => void res.end('a route of express'));

let url: string;
let port: number;
beforeAll(async () => {
  ({ url, port } = await serveFile(front, handler, '/web', errors));
});

const get = (path: string, headers: Record<string, string> = {}) =>
  request(url + path, { headers });
const json = async (path: string, headers?: Record<string, string>) =>
  JSON.parse((await get(path, headers)).body);

const sendJson = (path: string, value: unknown, options: RequestOptions = {}) =>
  request(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
    ...options,
  });

describe('WebApiConfig.Register', () => {
  test('is found by its name', async () => {
    expect(await handler.ready).toMatchObject({
      kind,
      type: 'WebApi.WebApiConfig',
      method: 'Register',
      chosenBy: 'the name WebApi.WebApiConfig',
    });
  });

  test('of another name is the option method', async () => {
    const { url } = await serve(
      express().use(load(app, { kind, type: 'WebApi.Hosts', method: 'Discreet' })),
    );
    expect((await request(`${url}/api/orders/1`)).status).toBe(200);
  });

  test.each<[string, AppOptions, string]>([
    [
      'throws',
      { method: 'Conflicting' },
      'An item with the same key has already been added. Key: same',
    ],
    ['has an initializer that throws', { method: 'Failing' }, 'the initializer has failed'],
  ])('that %s is a failed start', async (_, options, message) => {
    const failing = load(app, { kind, type: 'WebApi.Hosts', ...options });
    const error = await failing.ready.catch((error) => error);
    expect(error.message).toContain(message);
    expect(error.name).toMatch(/^System\./);
  });
});

describe('routes', () => {
  test('by convention', async () => {
    expect(await json('/api/orders')).toEqual([
      { Id: 1, Customer: 'Ella', Count: 2 },
      { Id: 2, Customer: 'Żaneta', Count: 3 },
    ]);
    expect(await json('/api/orders/2')).toMatchObject({ Customer: 'Żaneta' });
    expect((await get('/api/orders/9')).status).toBe(404);
    const removed = await request(`${url}/api/orders/1`, { method: 'DELETE' });
    expect([removed.status, removed.headers['content-length']]).toEqual([204, undefined]);
  });

  test('by attributes, with parameters of path and query', async () => {
    expect(await json('/v2/things/5/a%20b?tags=x&tags=%C3%A9')).toBe('5 a b x,é');
  });

  test('that do not match go on to express', async () => {
    expect((await get('/js')).body).toBe('a route of express');
    const { status, body } = await get('/v2/nothing');
    expect([status, body]).toEqual([404, expect.stringContaining('Cannot GET /web/v2/nothing')]);
  });

  test('that do not match are Web API’s to answer where nobody else can', async () => {
    const { url } = await serve(load(app, { kind }));
    const { status, body } = await request(`${url}/v2/nothing`);
    expect(status).toBe(404);
    expect(JSON.parse(body).Message).toContain('No HTTP resource was found that matches');
  });

  test('that match without an action for the method are answered 405', async () => {
    const { status, headers } = await request(`${url}/api/orders/1`, { method: 'PATCH' });
    expect([status, headers.allow]).toEqual([405, expect.stringContaining('GET')]);
  });

  test.each(['/web', '/with%20space'])('and links know the mount %s', async (mount) => {
    const base = url.replace('/web', mount);
    const linked = await request(`${base}/v2/things/link`);
    expect(JSON.parse(linked.body)).toBe(`${base}/v2/things/link?a=1 ${decodeURI(mount)}`);
    const content = await request(`${base}/v2/things/content`);
    expect(JSON.parse(content.body)).toBe(`${base}/site.css`);
  });
});

describe('formatters', () => {
  test('write XML where it is asked for', async () => {
    const { headers, body } = await get('/api/orders/1', { Accept: 'application/xml' });
    expect(headers['content-type']).toBe('application/xml; charset=utf-8');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(body).toMatch(
      /^<Order .*<Count>2<\/Count><Customer>Ella<\/Customer><Id>1<\/Id><\/Order>$/,
    );
  });

  test('read JSON', async () => {
    const { status, headers, body } = await sendJson('/api/orders', {
      Customer: 'Billie',
      Count: 7,
    });
    expect(status).toBe(201);
    expect(headers.location).toBe(`${url}/api/orders/3`);
    expect(JSON.parse(body)).toEqual({ Id: 3, Customer: 'Billie', Count: 7 });
  });

  test('read XML', async () => {
    const order =
      '<Order xmlns="http://schemas.datacontract.org/2004/07/WebApi.Controllers"><Count>4</Count><Customer>Nina</Customer></Order>';
    const headers = { 'Content-Type': 'application/xml', Accept: 'application/json' };
    const { status, body } = await request(`${url}/api/orders`, {
      method: 'POST',
      headers,
      body: order,
    });
    expect([status, JSON.parse(body)]).toEqual([201, { Id: 3, Customer: 'Nina', Count: 4 }]);
  });

  test('read forms', async () => {
    const { status, body } = await request(`${url}/api/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'Customer=Sarah&Count=9',
    });
    expect([status, JSON.parse(body)]).toEqual([201, { Id: 3, Customer: 'Sarah', Count: 9 }]);
  });

  test('read parts', async () => {
    const form = new FormData();
    form.set('a', '1');
    form.set('b', new Blob(['two']), 'two.txt');
    const response = await fetch(`${url}/v2/things/form`, { method: 'POST', body: form });
    expect(await response.text()).toBe('"a=1&b=two"');
  });

  test('get what express.json() has read', async () => {
    const { url } = await serve(express().use(express.json(), handler));
    const { status } = await request(`${url}/api/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"Customer":"Ella","Count":1}',
    });
    expect(status).toBe(201);
  });
});

describe('errors', () => {
  test('of the model are 400 and list what is wrong', async () => {
    const { status, body } = await sendJson('/api/orders', {
      Customer: 'much too long',
      Count: 1_000,
    });
    expect(status).toBe(400);
    expect(Object.keys(JSON.parse(body).ModelState)).toEqual(['order.Customer', 'order.Count']);
  });

  test('of an action are 500 with their detail for a local client', async () => {
    const { status, body } = await get('/v2/things/boom');
    expect(status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({
      ExceptionMessage: 'the action has failed',
      ExceptionType: 'System.InvalidOperationException',
      StackTrace: expect.stringContaining('Controllers.cs:line '),
    });
  });

  test.each<[string, AppOptions, boolean]>([
    ['Never', { method: 'Discreet' }, false],
    ['Always', { method: 'Server' }, true],
    [
      'Always, against a property',
      { method: 'Server', properties: { IncludeErrorDetail: false } },
      false,
    ],
    [
      'Never, against a property',
      { method: 'Discreet', properties: { IncludeErrorDetail: true } },
      true,
    ],
  ])('have detail as the policy says: %s', async (_, options, shown) => {
    const { url } = await serve(load(app, { kind, type: 'WebApi.Hosts', ...options }));
    const { status, body } = await request(`${url}/v2/things/boom`);
    expect([status, 'ExceptionMessage' in JSON.parse(body)]).toEqual([500, shown]);
  });

  test('that are responses are sent as they are', async () => {
    const { status, reason } = await get('/v2/things/teapot');
    expect([status, reason]).toEqual([418, 'I am a teapot']);
  });
});

describe('the principal', () => {
  test('is req.user for the controller and the thread', async () => {
    expect(await json('/v2/things/user', { 'X-User': 'ella' })).toBe('ella|ella|True');
    expect(await json('/v2/things/user')).toBe('||False');
  });

  test('that a handler puts on the thread is the controller’s', async () => {
    expect(await json('/v2/things/user', { Authorization: 'Token billie' })).toBe(
      'billie|billie|True',
    );
    expect(await json('/v2/things/secret', { Authorization: 'Token billie' })).toBe('for billie');
    expect((await get('/v2/things/secret')).status).toBe(401);
  });

  test('that an authentication filter sets is the thread’s', async () => {
    expect(await json('/v2/things/basic')).toBe('basic|basic');
  });
});

describe('the request', () => {
  test('is local, and has OWIN’s environment', async () => {
    expect(await json('/v2/things/local')).toBe('True|none');
    expect(await json('/v2/things/env?x')).toBe('/web/v2/things/env?x');
  });

  test('disposes what was registered with it', async () => {
    const before = await json('/v2/things/released');
    await get('/v2/things/register');
    await expect.poll(() => json('/v2/things/released')).toBe(before + 1);
  });

  test('streams 10 MB up and down', async () => {
    const body = Buffer.alloc(10_000_000);
    const up = await request(`${url}/v2/things/upload`, { method: 'POST', body });
    expect(JSON.parse(up.body)).toBe(10_000_000);
    const down = await get('/v2/things/download?size=10000000');
    expect([down.bytes.length, down.headers['content-length']]).toEqual([10_000_000, '10000000']);
  });
});

describe('PushStreamContent', () => {
  test('comes as it is written', async () => {
    const { headers, body } = await get('/v2/things/ticks');
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'transfer-encoding': 'chunked',
    });
    expect(body).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n');
  });

  test('ends when the client leaves', async () => {
    const before = await json('/v2/things/released');
    const client = (await Connection.open(port)).get('/web/v2/things/endless');
    await client.until('tick');
    client.destroy();
    await expect.poll(() => json('/v2/things/released')).toBe(before + 1);
  });
});

test('two apps of one assembly are apart', async () => {
  const first = await serve(load(app, { kind }));
  const second = await serve(load(app, { kind }));
  await request(`${first.url}/v2/things/register`);
  const released = async (url: string) => (await request(`${url}/v2/things/released`)).body;
  await expect.poll(() => released(first.url)).toBe('1');
  expect(await released(second.url)).toBe('0');
});
