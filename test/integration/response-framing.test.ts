import { beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, note, script, topic } from '../support/kitchen.ts';
import { framing, late, respond } from '../support/respond.ts';
import { serve } from '../support/serve.ts';

beforeAll(() => kitchen.ready);

describe.each(Object.keys(frontends))('framing in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test('nothing written: Content-Length 0', async () => {
    const response = await respond(app, script());
    expect(framing(response)).toEqual(['0', null]);
    expect((await response.next()).status).toBe(200);
  });

  test('a body that is complete at once: its Content-Length', async () => {
    const response = await respond(late(app), script('write=12345'));
    expect([...framing(response), response.text]).toEqual(['5', null, '12345']);
  });

  test('a streamed body: chunked', async () => {
    const { port } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script('write=12345', `await=${id}`, 'write=678'));
    expect(await connection.until('12345\r\n')).toContain('Transfer-Encoding: chunked');
    await note(id);
    expect(await connection.until('\r\n0\r\n\r\n')).toBe('3\r\n678\r\n0\r\n\r\n');
  });

  test('a streamed body of a known length: no chunks', async () => {
    const response = await respond(
      app,
      script('header=Content-Length:8', 'write=12345', 'flush', 'yield', 'write=678'),
    );
    expect([...framing(response), response.text]).toEqual(['8', null, '12345678']);
    expect((await response.next()).status).toBe(200);
  });

  test('only flushed: chunked or empty, and complete', async () => {
    const response = await respond(app, script('flush'));
    expect(response.text).toBe('');
    expect((await response.next()).status).toBe(200);
  });

  test.each([
    ['HEAD', script(), null],
    ['HEAD', script('write=12345'), null],
    ['HEAD', script('write=1', 'flush', 'yield', 'write=2'), null],
    ['HEAD', script('header=Content-Length:5', 'write=12345'), '5'],
    ['HEAD', script('header=Content-Length:5'), '5'],
    ['HEAD', script('header=Content-Length:5', 'write=1234567'), '5'],
    ['HEAD', script('header=Content-Length:100000', 'bytes=100000'), '100000'],
    ['HEAD', '/hello', '30'],
    ['GET', '/status?n=204', null],
    ['GET', '/status?n=304', null],
    ['GET', script('status=304', 'header=Content-Length:5'), '5'],
    ['GET', script('status=304', 'header=Content-Length:5', 'flush'), '5'],
    ['GET', '/status?n=205', '0'],
    ['HEAD', '/status?n=204', null],
    ['HEAD', '/status?n=304', null],
  ])('%s %s has the Content-Length %s and no body', async (method, target, length) => {
    const { status, next, connection, ...response } = await respond(app, target, method);
    expect(status).toBeLessThan(400);
    expect(framing({ status, ...response })).toEqual([length, null]);
    expect(connection.received).toBe('');
    expect((await next()).text, 'the next response begins at once').toContain('Hello');
  });

  test('HTTP/1.0: a streamed body ends with the connection', async () => {
    const response = await respond(
      app,
      script('write=12345', 'flush', 'yield', 'write=678'),
      'GET',
      'HTTP/1.0',
    );
    expect([...framing(response).slice(1), response.text]).toEqual([null, '12345678']);
    await response.connection.end();
  });

  test('HTTP/1.0: a whole body has a Content-Length, and keep-alive is kept where it was asked for', async () => {
    const { port } = await serve(app);
    const connection = await Connection.open(port);
    for (let i = 0; i < 2; i++) {
      connection.send('GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      const response = await connection.response();
      expect(framing(response)).toEqual(['30', null]);
    }
  });
});
