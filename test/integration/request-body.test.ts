import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { collectGarbage } from '../support/garbage.ts';
import { kitchen, lines, note, notes, topic } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';
import { untilStill } from '../support/still.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const disposed = 'System.ObjectDisposedException';

describe('without a body', () => {
  test.each([
    ['GET', ''],
    ['HEAD', ''],
    ['POST', 'Content-Length: 0\r\n'],
    ['POST', ''],
    ['DELETE', ''],
  ])('a %s (%j) has Stream.Null', async (method, headers) => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(`${method} /body HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    const { status, text } = await connection.response({ bodiless: method === 'HEAD' });
    expect(status).toBe(200);
    if (method !== 'HEAD')
      expect(lines(text)).toMatchObject({ null: 'True', text: '', consumed: 'absent' });
  });

  test('that middleware has resumed is not a consumed one', async () => {
    const { url } = await serve((req, res) => {
      req.resume().on('end', () => kitchen(req, res));
    });
    expect(lines((await request(`${url}/body`)).body)).toMatchObject({
      null: 'True',
      consumed: 'absent',
    });
  });
});

describe.each(Object.keys(frontends))('a body in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each([1, 100, 16 * 1024, 16 * 1024 + 1, 300_000, 3_000_000])(
    'of %i bytes arrives whole',
    async (size) => {
      const { url } = await serve(app);
      const body = randomBytes(size);
      const { body: hash } = await request(`${url}/sha256`, { method: 'POST', body });
      expect(hash).toBe(sha256(body));
      const echo = await request(`${url}/echo`, { method: 'POST', body: Readable.from([body]) });
      expect(echo.bytes.equals(body)).toBe(true);
    },
  );
});

describe('a body', () => {
  test('can be read and not sought or written', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(`${url}/body`, { method: 'POST', body: 'text' });
    expect(lines(body)).toEqual({
      ...{ null: 'False', canSeek: 'False', canRead: 'True', canWrite: 'False' },
      ...{ consumed: 'absent', text: 'text' },
    });
  });

  test.each(['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'])(
    'arrives with a %s as well',
    async (method) => {
      const { url } = await serve(kitchen);
      const headers = { 'Content-Length': '4' };
      expect((await request(`${url}/echo`, { method, headers, body: 'body' })).body).toBe('body');
    },
  );

  test('of no bytes in chunked form ends at once', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    expect((await connection.response()).text).toBe('');
  });

  test('of several chunks in one packet is whole', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n5\r\n full\r\n0\r\n\r\n',
    );
    expect((await connection.response()).text).toBe('half full');
  });

  test('is read as it arrives', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const req = http.request(`${url}/read-all?id=${id}`, { method: 'POST', agent: false });
    req.write('four');
    expect(await notes(`${id}:reading`)).toEqual(['4']);
    req.write('seventh');
    expect(await notes(`${id}:reading`, 2)).toEqual(['4', '7']);
    req.end();
    expect(await notes(id)).toEqual(['11 none']);
  });

  test('is read by Stream.Read', async () => {
    const { url } = await serve(kitchen);
    const body = randomBytes(1_000_000);
    const answer = await request(`${url}/sync-read`, {
      method: 'POST',
      body: Readable.from([body]),
    });
    expect(answer.body).toBe(`1000000 ${sha256(body)}`);
  });

  test('with Expect: 100-continue comes after the 100', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    );
    expect((await connection.response()).status).toBe(100);
    expect((await connection.send('hello').response()).text).toBe('hello');
  });

  test('is taken no faster than it is read', async () => {
    let socket!: Socket;
    const { url } = await serve((req, res) => {
      if (req.method === 'POST') socket = req.socket;
      kitchen(req, res);
    });
    const id = topic();
    const size = 30 * 1024 * 1024;
    const answer = request(`${url}/read-then-wait?id=${id}`, {
      method: 'POST',
      body: randomBytes(size),
    });
    await notes(id);
    // What is under way has arrived once other requests see no more coming.
    for (let before = -1; before !== socket.bytesRead; ) {
      before = socket.bytesRead;
      for (let i = 0; i < 5; i++) await request(`${url}/hello`);
    }
    expect(socket.bytesRead).toBeLessThan(2 * 1024 * 1024);
    await note(`${id}:go`);
    expect((await answer).body).toBe(String(size));
  });
});

test('64 handlers in synchronous Read on a pool of two threads all finish', async () => {
  const { url } = await serve(kitchen);
  expect((await request(`${url}/threads?max=2`)).body).toBe('True');
  const bodies = Array.from({ length: 64 }, () => randomBytes(40_000));
  const requests = bodies.map((body) => {
    const req = http.request(`${url}/sync-read`, { method: 'POST', agent: false });
    req.write(body.subarray(0, 20_000));
    const answer = once(req, 'response').then(([res]) => text(res));
    return { req, body, answer };
  });
  // All have begun; the last ones first get their ends.
  for (const { req, body } of requests.reverse()) req.end(body.subarray(20_000));
  for (const { body, answer } of requests) expect(await answer).toBe(`40000 ${sha256(body)}`);
  await request(`${url}/threads?max=32767`);
});

async function text(res: http.IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of res) all += chunk;
  return all;
}

describe('a read', () => {
  test('that waits when the response completes faults', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const req = http.request(`${url}/read-pending?id=${id}`, { method: 'POST', agent: false });
    req.flushHeaders();
    const [res] = await once(req, 'response');
    expect(await text(res)).toBe('not waited for');
    expect(await notes(id)).toEqual([disposed]);
    req.destroy();
  });

  test('after completion throws ObjectDisposedException', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    await request(`${url}/write-after-complete?id=${id}`, { method: 'POST', body: 'unread' });
    const { body } = await request(`${url}/write-after-complete/now?id=${id}`);
    expect(body).toContain(`read ${disposed}`);
  });

  test('after the client has gone throws IOException', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.send(`POST /after-abort?id=${id} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n`);
    await notes(`${id}:waiting`);
    connection.destroy();
    expect((await notes(id))[0]).toContain('read System.IO.IOException');
  });

  test('that waits when the client goes faults with IOException', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.send(`POST /read-all?id=${id} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nfour`);
    await notes(`${id}:reading`);
    connection.destroy();
    expect(await notes(id)).toEqual(['4 System.IO.IOException']);
  });

  test('that is cancelled leaves no hole', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const req = http.request(`${url}/read-cancelled?id=${id}`, { method: 'POST', agent: false });
    req.flushHeaders();
    await notes(id);
    req.end('every byte of it');
    const [res] = await once(req, 'response');
    expect(await text(res)).toBe('System.Threading.Tasks.TaskCanceledException\nevery byte of it');
  });

  test('after the app disposed the stream throws, and the connection goes on', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.send(
      'POST /dispose-request?n=4 HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n',
    );
    connection.send('x'.repeat(20_000));
    expect((await connection.response()).text).toBe(disposed);
    expect((await connection.get('/hello').response()).status).toBe(200);
  });
});

describe('what the app leaves unread', () => {
  test.each([
    ['nothing read', '/hello', 3],
    ['nothing read', '/hello', 200_000],
    ['partly read', '/read-partly?n=2', 3],
    ['partly read', '/read-partly?n=10', 100_000],
    ['partly read', '/read-partly?n=20000', 250_000],
  ])(
    'does not stop the next request on the socket: %s, %s of %i bytes',
    async (_, target, size) => {
      const { port } = await serve(kitchen);
      const connection = await Connection.open(port);
      const body = 'x'.repeat(size);
      const head = `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`;
      for (let i = 0; i < 3; i++)
        expect((await connection.send(head + body).response()).status).toBe(200);
      connection.send(head).send(body.slice(0, size - 1));
      expect((await connection.response()).status, 'answered before the body is whole').toBe(200);
      connection.send(body.slice(size - 1));
      expect((await connection.get('/hello').response()).status).toBe(200);
    },
  );

  test('is read by the drain alone once the answer is out', async () => {
    const { port, server } = await serve(kitchen);
    const arrived = once(server, 'request');
    const connection = await Connection.open(port);
    const head = 'POST /read-partly?n=4 HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n';
    expect((await connection.send(`${head}some`).response()).text).toBe('4');
    const [req] = (await arrived) as [http.IncomingMessage];
    expect(req.listenerCount('data')).toBe(1);
  });

  test.each(['/hello', '/read-partly?n=100000', '/throw'])(
    'of a large upload is not awaited: %s answers early and the connection closes',
    async (target) => {
      let socket!: Socket;
      const { port } = await serve((req, res) => {
        socket = req.socket;
        kitchen(req, res, () => res.end('an error, to next'));
      });
      const connection = await Connection.open(port);
      const length = 1024 ** 3;
      connection.send(`POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
      const piece = Buffer.alloc(64 * 1024);
      const pour = () => {
        while (connection.socket.writable && connection.socket.write(piece));
      };
      connection.socket.on('drain', pour);
      pour();
      expect((await connection.response()).status).toBe(200);
      await once(connection.socket, 'end');
      connection.destroy();
      expect(socket.bytesRead).toBeLessThan(16 * 1024 * 1024);
    },
  );
});

test('chunks that .NET has not read survive garbage collections', async () => {
  const { port, server } = await serve(kitchen);
  const arrived = once(server, 'request');
  const connection = await Connection.open(port);
  const sent = Buffer.alloc(32 * 1024 * 1024).map((_, i) => i % 251);
  connection.socket.pause();
  connection.send(`POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${sent.length}\r\n\r\n`);
  connection.send(sent);
  // The echo waits for its client, and what has come meanwhile for the echo.
  const [{ socket }] = (await arrived) as [http.IncomingMessage];
  await untilStill(() => socket.bytesRead);
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    for (let n = 0; n < 100; n++) Buffer.allocUnsafeSlow(64 * 1024).fill(0xff);
  }
  connection.socket.resume();
  const { text } = await connection.response();
  expect(Buffer.from(text, 'latin1').equals(sent)).toBe(true);
});

test('an upload that stalls behind its answer closes the connection after 5 s', async () => {
  const { port } = await serve(kitchen);
  const connection = await Connection.open(port);
  connection.send('POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome');
  expect((await connection.response()).status).toBe(200);
  const before = performance.now();
  expect(await connection.end()).toBe('');
  expect(performance.now() - before).toBeGreaterThan(4_000);
});

test('an upload whose rest comes behind its answer leaves its connection alone for good', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port } = await serve(kitchen);
  const connection = await Connection.open(port);
  connection.send('POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nsome');
  expect((await connection.response()).status).toBe(200);
  expect((await connection.send('rest').get('/hello').response()).status).toBe(200);
  vi.advanceTimersByTime(60_000);
  expect((await connection.get('/hello').response()).status).toBe(200);
});

test('a body cut off in the middle answers nobody and reports nothing', async () => {
  const { port, url } = await serve(kitchen);
  for (let i = 0; i < 20; i++) {
    const connection = await Connection.open(port);
    connection.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\nsome');
    if (i % 2) await connection.until('some');
    connection.destroy();
  }
  expect((await request(`${url}/hello`)).status).toBe(200);
});
