import { once } from 'node:events';
import http from 'node:http';
import type { NetConnectOpts } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, topic } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

/** The header lines the app sees, `Name=value` each, in order; latin-1. */
async function seen(to: number | NetConnectOpts, head: string): Promise<string[]> {
  const connection = await Connection.open(to);
  const { text, status } = await connection.send(`${head}\r\n\r\n`).response();
  expect(status, text).toBe(200);
  return Buffer.from(text, 'latin1')
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('header:'))
    .map((line) => line.slice('header:'.length));
}

describe.each(Object.keys(frontends))('request headers in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test('come line by line, in order, with the casing they had', async () => {
    const { port } = await serve(app);
    const head = 'GET /env HTTP/1.1\r\nhOsT: here\r\nX-One: 1\r\nx-TWO: 2\r\nCONTENT-type: text/x';
    expect(await seen(port, head)).toEqual([
      'hOsT=here',
      'X-One=1',
      'x-TWO=2',
      'CONTENT-type=text/x',
    ]);
  });

  test('of one name stay lines of their own, neither split nor merged nor dropped', async () => {
    const { port } = await serve(app);
    const repeated = [
      ...[
        'Accept: a, b',
        'accept: c',
        'Cookie: x=1',
        'Cookie: y=2',
        'User-Agent: one',
        'User-Agent: two',
      ],
      ...['Authorization: first', 'Authorization: second', 'X-Same: v', 'X-Same: v'],
    ];
    const found = await seen(port, ['GET /env HTTP/1.1', 'Host: here', ...repeated].join('\r\n'));
    expect(found).toEqual([
      'Host=here',
      ...[
        'Accept=a, b',
        'Accept=c',
        'Cookie=x=1',
        'Cookie=y=2',
        'User-Agent=one',
        'User-Agent=two',
      ],
      ...['Authorization=first', 'Authorization=second', 'X-Same=v', 'X-Same=v'],
    ]);
  });
});

describe('request headers', () => {
  test('may be empty, and keep latin-1 values as they were', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(
      Buffer.from(
        'GET /env HTTP/1.1\r\nHost: here\r\nX-Empty:\r\nX-Latin: caf\xe9 \xff\r\n\r\n',
        'latin1',
      ),
    );
    const text = Buffer.from((await connection.response()).text, 'latin1').toString();
    expect(text).toContain('header:X-Empty=\n');
    expect(text).toContain('header:X-Latin=café ÿ\n');
  });

  test('may be many', async () => {
    const { port } = await serve(kitchen);
    const many = Array.from({ length: 60 }, (_, i) => `X-Header-${i}: ${'v'.repeat(i)}`);
    const found = await seen(port, ['GET /env HTTP/1.1', 'Host: here', ...many].join('\r\n'));
    expect(found.slice(1)).toEqual(many.map((line) => line.replace(': ', '=')));
  });

  test('may be longer than the slab the frames share', async () => {
    const server = http.createServer({ maxHeaderSize: 512 * 1024 }, kitchen);
    const { port } = await serve(server);
    const long = 'x'.repeat(200 * 1024);
    const found = await seen(port, `GET /env HTTP/1.1\r\nHost: here\r\nX-Long: ${long}`);
    expect(found).toEqual(['Host=here', `X-Long=${long}`]);
  });

  test('cannot be forged by a NUL in a value', async () => {
    // Node's parser refuses a NUL itself; middleware can still put one there.
    const { url } = await serve((req, res) => {
      req.rawHeaders.push('X-Forged', 'a\0X-Admin\0yes');
      kitchen(req, res);
    });
    expect((await request(`${url}/env`)).status).toBe(400);
  });

  test('with a character that no header can have are answered 400', async () => {
    const { url } = await serve((req, res) => {
      req.rawHeaders.push('X-Music', '♪');
      kitchen(req, res);
    });
    const answer = await request(`${url}/env`);
    expect([answer.status, answer.body]).toEqual([400, '']);
  });
});

test('an upgrade that nobody accepts is an ordinary request', async () => {
  const { port } = await serve(kitchen);
  const connection = await Connection.open(port);
  connection.get(
    '/hello',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
  );
  expect((await connection.response()).text).toContain('Hello');
});

describe('the host', () => {
  test('is that of the absolute-form target, whatever the header says', async () => {
    const { port } = await serve(kitchen);
    expect(await seen(port, 'GET http://there:81/env HTTP/1.1\r\nHost: here')).toEqual([
      'Host=there:81',
    ]);
  });

  test.each(['GET /env HTTP/1.0', 'GET /env HTTP/1.1\r\nHost:', 'GET /env HTTP/1.1\r\nHost:   '])(
    'is the local address where there is none: %j',
    async (head) => {
      const { port } = await serve(kitchen);
      expect(await seen(port, head)).toEqual([`Host=127.0.0.1:${port}`]);
    },
  );

  test('is the local address in brackets over IPv6', async () => {
    const server = http.createServer(kitchen).listen(0, '::1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    expect(await seen({ port, host: '::1' }, 'GET /env HTTP/1.1\r\nHost:')).toEqual([
      `Host=[::1]:${port}`,
    ]);
  });

  test('is localhost on a unix socket', async () => {
    const socketPath = path.join(os.tmpdir(), `owin-${process.pid}-${topic()}.sock`);
    const server = http.createServer(kitchen).listen(socketPath);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect(await seen({ path: socketPath }, 'GET /env HTTP/1.1\r\nHost:')).toEqual([
      'Host=localhost',
    ]);
  });

  test.each(Object.keys(frontends))(
    'named twice is answered 400 by the server, in %s',
    async (name) => {
      const { port } = await serve((frontends[name] as (typeof frontends)[string])(kitchen));
      const connection = await Connection.open(port);
      connection.send(
        'GET /env HTTP/1.1\r\nHost: here\r\nhost: here\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n',
      );
      const { status, text } = await connection.response();
      expect([status, text]).toEqual([400, '']);
      expect(await connection.end(), 'nothing is answered behind it').toBe('');
    },
  );
});
