// One table of requests, asked of an app under Kestrel and of the same app behind express: the answers are the same.
import { describe, expect, test } from 'vitest';
import { bothSides, compared } from '../../support/both.ts';
import type { RequestOptions } from '../../support/request.ts';

const both = bothSides();

type Row = [status: number | 'cut off', target: string, options?: RequestOptions];

const json = (body: unknown, method = 'POST'): RequestOptions => ({
  method,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

const form = (body: string): RequestOptions => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body,
});

const post = (body: string, headers = {}): RequestOptions => ({ method: 'POST', body, headers });
/** As Node sends it: each byte a character. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const get = (headers: Record<string, string>): RequestOptions => ({ headers });

const upload = [
  '--edge',
  'Content-Disposition: form-data; name="note"',
  '',
  'what it is',
  '--edge',
  'Content-Disposition: form-data; name="file"; filename="n.txt"',
  'Content-Type: text/plain',
  '',
  `${'x'.repeat(200_000)}0 end`,
  '--edge--',
  '',
].join('\r\n');

const table: Record<string, Row[]> = {
  'minimal APIs': [
    [200, '/hello'],
    [200, '/hello', { method: 'GET', headers: { Host: 'shop.example:81' } }],
    [404, '/hello', { method: 'HEAD' }],
    [405, '/hello', { method: 'POST' }],
    [404, '/nowhere'],
    [200, '/items/3?tag=a&tag=b%20c&sort=up'],
    [404, '/items/x'],
    [201, '/items', json({ id: 7, name: 'tea' })],
    [400, '/items', post('{', { 'Content-Type': 'application/json' })],
    [415, '/items', post('text')],
    [200, '/items/8', json({ id: 7, name: 'Käse' }, 'PUT')],
    [204, '/items/8', { method: 'DELETE' }],
    [200, '/form', form('a=1&b=%C3%A4&a=2')],
    [
      200,
      '/upload',
      { ...post(upload), headers: { 'Content-Type': 'multipart/form-data; boundary=edge' } },
    ],
    [415, '/upload', form('file=none')],
    [418, '/problem'],
    [302, '/redirect'],
    [200, '/numbers'],
  ],
  controllers: [
    [200, '/api/orders/5'],
    [404, '/api/orders/0'],
    [201, '/api/orders', json({ quantity: 3, article: 'tea' })],
    [400, '/api/orders', json({ quantity: 300 })],
    [405, '/api/orders', { method: 'PATCH' }],
  ],
  'views, pages, components': [
    [200, '/home/index/Ella'],
    [200, '/Home/Index'],
    [404, '/home/none'],
    [400, '/greeting', form('Name=forged')],
  ],
  'what a request is': [
    [200, '/request/'],
    [200, '/request/a%20b/c%2Fd/%C3%A4?x=%20&y'],
    [200, '/request/a//b/./c/../d'],
    [200, '/request/%zz/%ff'],
    [200, '/request/x?'],
    [200, '/request/x??a=b'],
    [200, '/request/%F0%9F%98%80'],
    [200, '/request/x', { method: 'PURGE' }],
    [200, '/request/x', json({ a: 1 })],
    [200, '/request/x', post('')],
    [200, '/headers', get({ Host: 'test', 'X-A': '1', 'X-B': utf8('ü'), Cookie: 'a=1; b=2' })],
    [200, '/headers', { headers: { Host: 'test', 'X-Many': ['one', 'two'] } }],
  ],
  'bodies of requests': [
    [200, '/echo', post('some text', { 'Content-Type': 'text/plain' })],
    [200, '/echo', post('x'.repeat(1_000_000))],
    [200, '/echo', post('')],
    [200, '/echo-pipe', post('x'.repeat(300_000))],
    [200, '/length', post('x'.repeat(5_000_000))],
    [200, '/length', post('in chunks', { 'Transfer-Encoding': 'chunked' })],
    [200, '/small', post('x'.repeat(1000))],
    [413, '/small', post('x'.repeat(1001))],
    [413, '/small', post('x'.repeat(1001), { 'Transfer-Encoding': 'chunked' })],
    [200, '/twice', post('äöü '.repeat(20_000))],
    [200, '/unread', post('x'.repeat(50_000))],
  ],
  'responses as an app makes them': [
    [204, '/status/204'],
    [205, '/status/205'],
    [299, '/status/299'],
    [304, '/status/304'],
    [500, '/status/500'],
    [200, '/bytes'],
    [200, '/empty'],
    [200, '/headers-set'],
    [200, '/length-known'],
    ['cut off', '/too-little'],
    ['cut off', '/too-much'],
    [200, '/too-late'],
    [202, '/on-starting'],
    [200, '/complete-early'],
    [304, '/body-of-304'],
    [200, '/head', { method: 'HEAD' }],
    [200, '/large?size=3000000'],
    [200, '/large?size=0'],
    ['cut off', '/abort'],
    [426, '/web-socket'],
  ],
  ranges: [
    [206, '/ranged', get({ Range: 'bytes=10-19' })],
    [206, '/ranged', get({ Range: 'bytes=-6' })],
    [206, '/ranged', get({ Range: 'bytes=250-' })],
    [416, '/ranged', get({ Range: 'bytes=300-' })],
    [200, '/ranged', get({ Range: 'bytes=0-1,4-5' })],
    [206, '/ranged', get({ Range: 'bytes=0-1', 'If-Range': '"all"' })],
    [200, '/ranged', get({ Range: 'bytes=0-1', 'If-Range': '"other"' })],
    [304, '/ranged', get({ 'If-None-Match': '"all"' })],
    [412, '/ranged', get({ 'If-Match': '"other"' })],
    [200, '/physical'],
  ],
  'static files': [
    [200, '/static/hello.txt'],
    [200, '/static/hello.txt', { method: 'HEAD' }],
    [206, '/static/numbers.txt', get({ Range: 'bytes=100-119' })],
    [206, '/static/numbers.txt', get({ Range: 'bytes=-10' })],
    [416, '/static/numbers.txt', get({ Range: 'bytes=10001-' })],
    [200, '/static/hello.txt', get({ 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' })],
    [200, '/static/hello.txt', get({ 'If-Modified-Since': 'Fri, 01 Jan 2010 00:00:00 GMT' })],
    [404, '/static/none.txt'],
    [404, '/static/../appsettings.json'],
    [404, '/static/%2e%2e/appsettings.json'],
    [405, '/static/hello.txt', { method: 'POST' }],
  ],
  'middleware that comes with ASP.NET Core': [
    [200, '/health'],
    [200, '/client', get({ Host: 'test' })],
    [
      200,
      '/client',
      get({
        Host: 'test',
        'X-Forwarded-For': '203.0.113.7',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'shop.example',
      }),
    ],
    [200, '/compressible'],
    [200, '/compressible', get({ 'Accept-Encoding': 'gzip' })],
    [200, '/compressible', get({ 'Accept-Encoding': 'br, gzip' })],
    [200, '/openapi/v1.json'],
    [302, '/me'],
    [400, '/guarded', form('name=forged')],
  ],
  events: [[200, '/events?count=3']],
};

describe.each(Object.entries(table))('%s', (_, rows) => {
  for (const [status, target, options] of rows)
    test(title(status, target, options), async () => {
      const kestrel = await compared(both.url.Kestrel + target, options);
      expect(typeof kestrel === 'string' ? kestrel : kestrel.status).toBe(status);
      expect(await compared(both.url.owin + target, options)).toEqual(kestrel);
    });
});

function title(
  status: Row[0],
  target: string,
  { method = 'GET', headers, body }: RequestOptions = {},
) {
  const lines = headers ? ` ${JSON.stringify(headers)}` : '';
  return `${method} ${target}${lines}${body ? ` ${String(body).slice(0, 20)}` : ''} → ${status}`;
}
