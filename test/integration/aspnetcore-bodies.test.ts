import express from 'express';
import { describe, expect, test } from 'vitest';
import { features, notes, reportedErrors, topic } from '../support/aspnet-http.ts';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { ask, serveHttp2 } from '../support/http2.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const MB = 1024 * 1024;
const post = (url: string, body: string | Uint8Array = '', headers = {}) =>
  request(url, { method: 'POST', body, headers });

describe.each(Object.keys(frontends))('bodies of requests in %s', (name) => {
  const start = () => serve((frontends[name] as (typeof frontends)[string])(features));

  test.each(['/echo', '/echo/reader'])('come to %s whole', async (path) => {
    const { url } = await start();
    expect((await post(url + path, 'small')).body).toBe('small');
    const large = Buffer.alloc(3 * MB, 'abcdefg');
    expect((await post(url + path, large)).bytes.equals(large)).toBe(true);
    expect((await request(url + path)).body).toBe('');
  });

  test('are what the pipe and the stream see of them alike', async () => {
    const { url } = await start();
    expect((await post(`${url}/peek`, 'looked at')).body).toBe('lo|looked at');
  });

  test('are bound as JSON and as forms', async () => {
    const { url } = await start();
    const json = await post(`${url}/json`, '{"name":"é","amount":2}', {
      'Content-Type': 'application/json',
    });
    expect(JSON.parse(json.body)).toEqual({ name: 'é', amount: 3 });
    const form = new FormData();
    form.append('a', 'b');
    form.append('file', new Blob(['12345']), 'five.txt');
    expect(await (await fetch(`${url}/form`, { method: 'POST', body: form })).text()).toBe('b 5');
  });

  test('that nobody reads do not disturb the next request', async () => {
    const { port } = await start();
    const connection = await Connection.open(port);
    connection.send(
      'POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345GET /hello HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    expect((await connection.response()).text).toBe('not read');
    expect((await connection.response()).text).toBe('Hello');
  });
});

test('a body that a parser has read comes from it', async () => {
  const { url } = await serve(express().use(express.json()).use(features));
  const answer = await post(`${url}/json`, '{"name":"x","amount":2}', {
    'Content-Type': 'application/json',
  });
  expect(JSON.parse(answer.body)).toEqual({ name: 'x', amount: 3 });
});

describe('IHttpMaxRequestBodySizeFeature', () => {
  const chunked = { 'Transfer-Encoding': 'chunked' };

  test('is 30,000,000 and can be set before the body is read', async () => {
    const { url } = await serve(features);
    expect((await post(`${url}/limit`, 'x')).body).toBe('30000000 1');
    expect((await post(`${url}/limit?set=none`, 'x')).body).toBe(' 1');
    expect((await post(`${url}/limit?set=5`, '12345')).body).toBe('5 5');
  });

  test.each([
    ['a Content-Length', {}],
    ['chunks', chunked],
  ])('answers 413 to more bytes by %s', async (_, headers) => {
    const { url } = await serve(features);
    const of = topic();
    const answer = await post(`${url}/limit?set=4&ended=${of}`, '12345', headers);
    expect([answer.status, answer.body]).toEqual([413, '']);
    expect(await notes(of)).toEqual(['413']);
    const caught = await post(`${url}/limit?set=4&catch=yes`, '12345', headers);
    expect(caught.body).toBe(
      'BadHttpRequestException: Request body too large. The max request body size is 4 bytes.',
    );
  });

  test('holds for more than 30,000,000 bytes without a length', async () => {
    const { url } = await serve(features);
    const answer = await post(`${url}/limit`, Buffer.alloc(30_000_001), chunked).catch(
      // The answer came before all of it was sent.
      (error: NodeJS.ErrnoException) => ({ status: 413, body: error.code }),
    );
    expect(answer.status).toBe(413);
  });

  test('cannot be set once reading has begun', async () => {
    const { url } = await serve(features);
    expect((await post(`${url}/limit/late`, 'x')).body).toMatch(
      /^False True InvalidOperationException: The maximum request body size cannot be modified/,
    );
  });
});

describe('trailers of a request', () => {
  test('are there once the body has been read', async () => {
    const { port } = await serve(features);
    const connection = await Connection.open(port);
    connection.send(
      'POST /request-trailers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\nx-sum: 8\r\n\r\n',
    );
    expect(JSON.parse((await connection.response()).text)).toMatchObject({
      supported: true,
      before: false,
      early: expect.stringMatching(/^InvalidOperationException: The request trailers are not/),
      after: true,
      sum: ['7', '8'],
      none: [],
    });
  });

  test('are there at once without a body', async () => {
    const { url } = await serve(features);
    expect(JSON.parse((await request(`${url}/request-trailers`)).body)).toMatchObject({
      before: true,
      after: true,
      sum: [],
    });
  });

  test('come on HTTP/2', async () => {
    const { session } = await serveHttp2(features);
    const { text } = await ask(
      session,
      { ':method': 'POST', ':path': '/request-trailers' },
      ['hi'],
      { 'x-sum': '7' },
    );
    expect(JSON.parse(text)).toMatchObject({ after: true, sum: ['7'] });
  });
});

test('both bodies of HTTP/2 flow at once, and trailers follow', async () => {
  const { session } = await serveHttp2(features);
  const stream = session.request({ ':method': 'POST', ':path': '/duplex' });
  stream.setEncoding('utf8');
  const trailers = new Promise((resolve) => stream.on('trailers', resolve));
  let text = '';
  const until = (part: string) =>
    new Promise<void>((resolve) => {
      const look = () => void (text.includes(part) && resolve());
      stream.on('data', look);
      look();
    });
  stream.on('data', (part: string) => {
    text += part;
  });
  for (const part of ['one', 'two', 'three']) {
    stream.write(part);
    await until(`got ${part}`);
  }
  stream.end();
  expect(await trailers).toMatchObject({ 'x-status': 'done' });
});

test('a client that leaves while its body is read makes the read throw', async () => {
  const { port } = await serve(features);
  const of = topic();
  const connection = await Connection.open(port);
  connection.send(
    `POST /limit/read?topic=${of} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234`,
  );
  await notes(of);
  connection.destroy();
  expect((await notes(of, 2))[1]).toMatch(/^IOException: /);
  expect(reportedErrors()).toEqual([]);
});
