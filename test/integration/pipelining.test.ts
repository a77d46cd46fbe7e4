import type http from 'node:http';
import type { Socket } from 'node:net';
import owin, { type Handler } from 'owin';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { collectGarbage } from '../support/garbage.ts';
import { allLetGo, kitchen, reportedErrors, script } from '../support/kitchen.ts';
import { serve } from '../support/serve.ts';

const failed = owin(appPath('NoStartup')).on('error', () => {});
const closed = owin(appPath('Kitchen'));
beforeAll(() => Promise.all([kitchen.ready, closed.ready.then(() => closed.close())]));
afterAll(() => failed.close());

/** What a response may be: `fresh` is its status with the connection going on, `closed` that it does not. */
interface Ending {
  name: string;
  target: string;
  fresh?: number;
  closed?: true;
}

const header = (line: string) => script(`header=${line}`, 'write=12345');
const endings: Ending[] = [
  { name: 'no error', target: script('write=12345'), fresh: 200 },
  { name: 'nothing written', target: script(), fresh: 200 },
  { name: 'streamed', target: script('write=12345', 'flush', 'yield', 'write=6'), fresh: 200 },
  { name: '204', target: script('status=204'), fresh: 204 },
  {
    name: '304 with a length',
    target: script('status=304', 'header=Content-Length:9'),
    fresh: 304,
  },
  // Before the response.
  { name: 'thrown', target: '/throw', fresh: 500 },
  { name: 'faulted', target: '/fault', fresh: 500 },
  { name: 'cancelled', target: '/cancel', fresh: 500 },
  { name: 'a null Task', target: '/null', fresh: 500 },
  {
    name: 'thrown with a length set',
    target: script('header=Content-Length:99', 'throw=x'),
    fresh: 500,
  },
  { name: 'a body with 204', target: script('status=204', 'write=12345'), fresh: 500 },
  { name: 'a body with 304', target: script('status=304', 'write=12345'), fresh: 500 },
  {
    name: 'a length with 204',
    target: script('status=204', 'header=Content-Length:5'),
    fresh: 500,
  },
  { name: 'an informational status', target: script('status=100'), fresh: 500 },
  { name: 'a status that says upgraded', target: script('status=101'), fresh: 500 },
  { name: 'a status out of range', target: script('status=1000'), fresh: 500 },
  { name: 'a length that is no number', target: header('Content-Length:5x'), fresh: 500 },
  { name: 'a negative length', target: header('Content-Length:-5'), fresh: 500 },
  { name: 'a list of lengths', target: header('Content-Length:5, 6'), fresh: 500 },
  {
    name: 'two lengths',
    target: script('header=Content-Length:5', 'header=Content-Length:6', 'write=12345'),
    fresh: 500,
  },
  {
    name: 'two equal lengths',
    target: script('header=Content-Length:5', 'header=Content-Length:5', 'write=12345'),
    fresh: 200,
  },
  { name: 'more than its length at once', target: header('Content-Length:3'), fresh: 500 },
  { name: 'nothing of its length', target: script('header=Content-Length:5'), fresh: 500 },
  { name: 'a coding', target: header('Transfer-Encoding:gzip, chunked'), fresh: 500 },
  { name: 'chunked set by the app', target: header('Transfer-Encoding:chunked'), fresh: 200 },
  {
    name: 'a coding and a length',
    target: script('header=Transfer-Encoding:chunked', 'header=Content-Length:5', 'write=12345'),
    fresh: 200,
  },
  {
    name: 'a response in a header',
    target: header('X:1\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
    fresh: 500,
  },
  { name: 'a response in a name', target: header('X\r\n\r\nHTTP/1.1 200 OK:1'), fresh: 500 },
  { name: 'a NUL in a header', target: header('X:1\0Content-Length\x000'), fresh: 500 },
  {
    name: 'a response in the reason',
    target: script('reason=OK\r\nX: 1', 'write=12345'),
    fresh: 500,
  },
  { name: 'Connection: close set by the app', target: header('Connection:close'), closed: true },
  // After it.
  { name: 'thrown behind a write', target: '/throw-after-write', closed: true },
  { name: 'cancelled behind a write', target: '/cancel-after-write', closed: true },
  { name: 'disconnected', target: script('disconnect'), closed: true },
  {
    name: 'disconnected behind a write',
    target: script('write=12345', 'disconnect'),
    closed: true,
  },
  {
    name: 'less than its length',
    target: script('header=Content-Length:9', 'write=12345'),
    closed: true,
  },
  {
    name: 'more than its length later',
    target: script('header=Content-Length:5', 'write=12345', 'flush', 'yield', 'write=6'),
    closed: true,
  },
];

const post = (target: string, framing: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${body}`;

/** Ways the failing request may come. */
const ways: Record<string, (target: string) => string> = {
  'a GET': (target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a POST of 5 bytes': (target) => post(target, 'Content-Length: 5', 'hello'),
  'a POST of 100 KB': (target) => post(target, 'Content-Length: 100000', 'x'.repeat(100_000)),
  'a chunked POST': (target) =>
    post(target, 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'),
};

async function behind(port: number, bytes: string, expected: Ending, how: string): Promise<void> {
  const connection = await Connection.open(port);
  const after = `GET ${script('write=answered behind it')} HTTP/1.1\r\nHost: a\r\n\r\n`;
  connection.send(Buffer.from(bytes + after, 'latin1'));
  if (expected.fresh !== undefined) {
    expect((await connection.response()).status, how).toBe(expected.fresh);
    expect((await connection.response()).text, how).toBe('answered behind it');
    expect(connection.received, how).toBe('');
  } else {
    expect(await connection.end(), how).not.toContain('answered behind it');
  }
  connection.destroy();
}

describe.each(['node:http', 'express 5'])('behind a response in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each(endings)('$name: $fresh fresh, $closed closed', async (ending) => {
    const { port } = await serve(app);
    for (const [way, request] of Object.entries(ways))
      await behind(port, request(ending.target), ending, way);
    reportedErrors();
  });
});

describe('behind a request that no app answers', () => {
  const listeners: Record<string, [http.RequestListener, Ending]> = {
    'as it failed to load': [failed, { name: '', target: '/', fresh: 500 }],
    'as it is closed': [closed, { name: '', target: '/', closed: true }],
  };
  test.each(Object.keys(listeners))('%s', async (name) => {
    const [listener, ending] = listeners[name] as (typeof listeners)[string];
    const { port } = await serve((req, res) => {
      (req.url === '/' ? listener : kitchen)(req, res);
    });
    for (const [way, request] of Object.entries(ways))
      await behind(port, request('/'), ending, way);
  });
});

describe('a large upload that nobody reads is answered early, and the connection closes', () => {
  const twoHosts = 'Host: b\r\n';
  test.each<[string, Handler, string, string, number]>([
    ['by the app', kitchen, '/hello', '', 200],
    ['by the app, having read a part', kitchen, '/read-partly?n=100000', '', 200],
    ['by an error', kitchen, '/throw', '', 500],
    ['refused for two Hosts', kitchen, '/hello', twoHosts, 400],
    ['refused for a NUL', kitchen, '/a%00', '', 400],
    ['failed to load', failed, '/', '', 500],
    ['closed', closed, '/', '', 503],
  ])('%s', async (_, handler, target, lines, status) => {
    for (const framing of [`Content-Length: ${1024 ** 3}`, 'Transfer-Encoding: chunked']) {
      let socket!: Socket;
      const { port } = await serve((req, res) => {
        socket = req.socket;
        handler(req, res);
      });
      const connection = await Connection.open(port);
      connection.send(post(target, lines + framing, ''));
      const bytes = Buffer.alloc(64 * 1024);
      const piece = framing.startsWith('C')
        ? bytes
        : Buffer.concat([Buffer.from('10000\r\n'), bytes, Buffer.from('\r\n')]);
      const pour = () => {
        while (connection.socket.writable && connection.socket.write(piece));
      };
      connection.socket.on('drain', pour);
      const ended = new Promise((resolve) => connection.socket.on('close', resolve));
      connection.socket.on('end', () => connection.destroy());
      pour();
      expect((await connection.response()).status).toBe(status);
      await ended;
      expect(socket.bytesRead).toBeLessThan(16 * 1024 * 1024);
    }
    reportedErrors();
    await allLetGo();
  });
});

test('requests that are done are nobody’s, though their connection is open', async () => {
  const requests: WeakRef<http.IncomingMessage>[] = [];
  const { port } = await serve((req, res) => {
    requests.push(new WeakRef(req));
    kitchen(req, res);
  });
  const connection = await Connection.open(port);
  for (let i = 0; i < 3; i++) {
    connection.send('GET /hello HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(4));
    for (let n = 0; n < 4; n++) expect((await connection.response()).status).toBe(200);
  }
  await allLetGo();
  const held = () => {
    collectGarbage();
    return requests.filter((each) => each.deref() !== undefined).length;
  };
  // The socket's own parser and response name the last ones.
  await expect.poll(held).toBeLessThan(4);
  expect(connection.ended).toBe(false);
});
