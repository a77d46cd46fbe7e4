import { once } from 'node:events';
import net from 'node:net';
import express from 'express';
import owin, { type Handler, type LimitOptions } from 'owin';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { often, slowdown } from '../sanitizers/slowdown.ts';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { allLetGo, script, topic } from '../support/kitchen.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const limited = (limits: LimitOptions): Handler => load(appPath('Kitchen'), { limits });

/** What the handlers of a handler's app noted, asked by a way of its own. */
async function notesOf(handler: Handler, of: string, atLeast = 1): Promise<string[]> {
  const { url } = await serve(handler);
  const { body } = await request(`${url}/notes?of=${of}&at-least=${atLeast}`);
  return body === '' ? [] : body.split('\n');
}

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** A request that runs until its client ends the upload. */
async function running(port: number): Promise<{ connection: Connection; finish(): Promise<void> }> {
  const connection = (await Connection.open(port)).send(
    `POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('begun')}`,
  );
  await connection.until('begun');
  const finish = async () => {
    await connection.send('0\r\n\r\n').until('0\r\n\r\n');
  };
  return { connection, finish };
}

/** How many requests there are, and how many of them .NET knows. */
const counts = async () => {
  const { exchanges, dotnetExchanges } = await owin.runtime.stats();
  return [exchanges, dotnetExchanges];
};

describe('maxConcurrentRequests', () => {
  test('lets more wait, and begins them in the order they came', async () => {
    const handler = limited({ maxConcurrentRequests: 2 });
    const { port, server } = await serve(handler);
    const arrived: string[] = [];
    server.on('request', ({ url = '' }) => {
      arrived.push(...(url.match(/(?<=note=)\d/) ?? []));
    });
    const [first, second] = [await running(port), await running(port)];
    const id = topic();
    const waiting = Array.from({ length: 5 }, (_, i) =>
      request(`http://127.0.0.1:${port}${script(`id=${id}`, `note=${i}`)}`),
    );
    await expect.poll(counts).toEqual([7, 2]);
    await first.finish();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe(200);
    expect(await notesOf(handler, id, 5)).toEqual(arrived);
    await second.finish();
    await allLetGo();
  });

  test('holds while the app is loaded', async () => {
    const { port } = await serve(limited({ maxConcurrentRequests: 1, queueLimit: 1 }));
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const connection = (await Connection.open(port)).get('/hello');
        return (await connection.response()).status;
      }),
    );
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await allLetGo();
  });

  test('a failing app gives its place to the next', async () => {
    const handler = limited({ maxConcurrentRequests: 1 });
    handler.on('error', () => {});
    const { url } = await serve(handler);
    const statuses = ['/throw', '/hello', '/null', '/%00', '/hello'].map(
      async (path) => (await request(url + path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([500, 200, 500, 400, 200]);
  });
});

describe('queueLimit', () => {
  test('one more is answered with 503 and Retry-After, and its connection can be used again', async () => {
    const { port, url } = await serve(limited({ maxConcurrentRequests: 1, queueLimit: 1 }));
    const first = await running(port);
    const second = request(`${url}/hello`);
    await expect.poll(counts).toEqual([2, 1]);
    const third = (await Connection.open(port)).get('/hello');
    const { status, headers } = await third.response();
    expect([status, headers.get('retry-after')]).toEqual([503, ['1']]);
    await first.finish();
    expect((await second).status).toBe(200);
    expect((await third.get('/hello').response()).status).toBe(200);
  });

  test('0: nobody waits, and next is not asked', async () => {
    const handler = limited({ maxConcurrentRequests: 1, queueLimit: 0 });
    const { port, url } = await serve(
      express().use(handler, (_req, res) => void res.end('behind')),
    );
    await handler.ready;
    const first = await running(port);
    expect((await request(`${url}/hello`)).status).toBe(503);
    await first.finish();
    await allLetGo();
    expect((await request(`${url}/hello`)).status).toBe(200);
  });

  test('one that leaves while it waits makes room', async () => {
    const { port, url } = await serve(limited({ maxConcurrentRequests: 1, queueLimit: 1 }));
    const first = await running(port);
    for (let i = 0; i < 3; i++) {
      const leaving = (await Connection.open(port)).get('/hello');
      await expect.poll(counts).toEqual([2, 1]);
      leaving.destroy();
      await expect.poll(counts).toEqual([1, 1]);
    }
    const last = request(`${url}/hello`);
    await expect.poll(counts).toEqual([2, 1]);
    await first.finish();
    expect((await last).status).toBe(200);
  });
});

describe('maxRequestBodySize', () => {
  test('413 at once by what Content-Length says; the app is not called', async () => {
    const handler = limited({ maxRequestBodySize: 1000 });
    const { port } = await serve(handler);
    const connection = (await Connection.open(port)).send(
      'POST /read-all?id=sized HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n',
    );
    expect((await connection.response()).status).toBe(413);
    // What is small is read and dropped, so the connection can be used again.
    connection.send('x'.repeat(1001));
    connection.send(
      `POST /read-all?id=sized HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`,
    );
    expect((await connection.response()).text).toBe('1000');
    expect(await notesOf(handler, 'sized')).toEqual(['1000 none']);
  });

  test.each([
    ['that comes with its head', 2000],
    ['of many chunks', 100_000],
  ])('413 for a chunked body %s, when the bytes pass', async (_, size) => {
    const handler = limited({ maxRequestBodySize: 1000 });
    const { port } = await serve(handler);
    const connection = (await Connection.open(port)).send(
      `POST ${script('id=chunked', 'note=called', 'try', 'read')} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('x'.repeat(500))}`,
    );
    await notesOf(handler, 'chunked');
    connection.send(`${chunk('x'.repeat(size))}0\r\n\r\n`);
    expect((await connection.response()).status).toBe(413);
    const [, note] = await notesOf(handler, 'chunked', 2);
    expect(note).toContain('System.IO.IOException');
    expect(note).toContain('maxRequestBodySize');
    expect((await connection.get('/hello').response()).status).toBe(200);
  });

  test('413 for a small chunked body that comes whole', async () => {
    const { port } = await serve(limited({ maxRequestBodySize: 10 }));
    const connection = (await Connection.open(port)).send(
      `POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('x'.repeat(11))}0\r\n\r\n`,
    );
    expect((await connection.response()).status).toBe(413);
    expect((await connection.get('/hello').response()).status).toBe(200);
  });

  test('the connection closes when the response has started', async () => {
    const { port } = await serve(limited({ maxRequestBodySize: 1000 }));
    const { connection } = await running(port);
    connection.send(chunk('x'.repeat(2000)));
    expect(await connection.end()).not.toContain('0\r\n\r\n');
    await allLetGo();
  });

  test('counts what a parser has read', async () => {
    const app = express().use(express.raw({ type: '*/*' }), limited({ maxRequestBodySize: 10 }));
    const { port } = await serve(app);
    const send = async (text: string) => {
      const connection = await Connection.open(port);
      connection.send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
      return (await connection.send(`${chunk(text)}0\r\n\r\n`).response()).status;
    };
    expect([await send('x'.repeat(11)), await send('x'.repeat(10))]).toEqual([413, 200]);
  });

  test('0 lets requests without a body through', async () => {
    const { url } = await serve(limited({ maxRequestBodySize: 0 }));
    expect((await request(`${url}/hello`)).status).toBe(200);
    expect((await request(`${url}/echo`, { method: 'POST', body: '' })).status).toBe(200);
    expect((await request(`${url}/echo`, { method: 'POST', body: 'x' })).status).toBe(413);
  });
});

describe('requestTimeout', () => {
  test('504 before the response has started; .NET sees CallCancelled', async () => {
    const handler = limited({ requestTimeout: 100 });
    const { url } = await serve(handler);
    const path = script('id=late', 'try', 'cancelled', 'note=cancelled', 'write=x');
    expect((await request(url + path)).status).toBe(504);
    const [, , , write] = await notesOf(handler, 'late', 4);
    expect(write).toContain('System.IO.IOException');
    expect(write).toContain('requestTimeout');
    await allLetGo();
  });

  test('a closed connection after it', async () => {
    const { port } = await serve(limited({ requestTimeout: 100 }));
    const connection = (await Connection.open(port)).get('/never?write');
    const text = await connection.end();
    expect(text).toContain('200 OK');
    expect(text).not.toContain('0\r\n\r\n');
    await allLetGo();
  });

  test('counts the time a request waits for its turn', async () => {
    let answer: (() => void) | undefined;
    const handler = limited({ maxConcurrentRequests: 1, requestTimeout: 100 });
    await handler.ready;
    const app = express().use(handler, (_req, res) => {
      answer = () => void res.end();
    });
    const { url } = await serve(app);
    const first = request(`${url}/next?id=first`);
    await expect.poll(() => answer).toBeDefined();
    expect((await request(`${url}/hello`)).status).toBe(504);
    answer?.();
    expect((await first).status).toBe(200);
  });

  test('bounds a client that sends byte by byte, and nobody else', async () => {
    const handler = limited({ requestTimeout: 600, receiveTimeout: 300 });
    const { port, url } = await serve(handler);
    const slow = (await Connection.open(port)).send(
      'POST /read-all?id=slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n',
    );
    const timer = setInterval(() => slow.send('x'), 50);
    const answer = slow.response();
    expect((await request(`${url}/hello`)).status).toBe(200);
    // Not 408: something did come all the time.
    expect((await answer).status).toBe(504);
    clearInterval(timer);
    expect((await notesOf(handler, 'slow:reading')).length).toBeGreaterThan(1);
    await allLetGo();
  });

  test('leaves alone what next led to', async () => {
    const app = express().use(limited({ requestTimeout: 50 }), (_req, res) => {
      setTimeout(() => res.end('behind'), 300);
    });
    const { url } = await serve(app);
    expect((await request(`${url}/next?id=untimed`)).body).toBe('behind');
  });
});

describe('receiveTimeout', () => {
  test('408 when an upload stalls; reading throws', async () => {
    const handler = limited({ receiveTimeout: 100 });
    const { port } = await serve(handler);
    const connection = (await Connection.open(port)).send(
      `POST ${script('id=stalled', 'try', 'read')} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nsome`,
    );
    const { status, headers } = await connection.response();
    expect([status, headers.get('connection')]).toEqual([408, ['close']]);
    const [note] = await notesOf(handler, 'stalled');
    expect(note).toContain('System.IO.IOException');
    expect(note).toContain('receiveTimeout');
    await connection.end();
    await allLetGo();
  });

  test('bounds an upload that the app leaves unread', async () => {
    const handler = limited({ receiveTimeout: 100 });
    const { port } = await serve(handler);
    const path = script('id=unread', 'cancelled', 'note=cancelled');
    const connection = await Connection.open(port);
    connection.send(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(500_000)}`,
    );
    expect((await connection.response()).status).toBe(408);
    expect(await notesOf(handler, 'unread')).toEqual(['cancelled']);
    await allLetGo();
  });

  test('a closed connection after the start', async () => {
    const { port } = await serve(limited({ receiveTimeout: 100 }));
    const { connection } = await running(port);
    expect(await connection.end()).not.toContain('0\r\n\r\n');
    await allLetGo();
  });

  test('is nothing to a request whose body has come', async () => {
    const { url } = await serve(limited({ receiveTimeout: 50 }));
    const answer = await request(`${url}/sse?n=5&every=50`, { method: 'POST', body: 'whole' });
    expect(answer.body).toContain('data: 4');
  });
});

describe('sendTimeout', () => {
  test('closes the connection of a client that takes nothing; writing throws', async () => {
    const handler = limited({ sendTimeout: 150 });
    const { port } = await serve(handler);
    const connection = await Connection.open(port);
    connection.socket.pause();
    connection.get(script('id=stuck', 'try', 'bytes=64000000', 'bytes=1'));
    const [write] = (await notesOf(handler, 'stuck', 2)).slice(-2);
    expect(write).toContain('System.IO.IOException');
    expect(write).toContain('sendTimeout');
    connection.socket.resume();
    expect((await connection.end()).length).toBeLessThan(64_000_000);
    await allLetGo();
  });

  test('leaves a slow client alone that takes some all the time', async () => {
    const { port } = await serve(limited({ sendTimeout: 1000 }));
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET /big?n=20000000&length HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let received = 0;
    socket.on('data', (bytes) => {
      received += bytes.length;
      if (received > 16_000_000) return;
      socket.pause();
      setTimeout(() => socket.resume(), 10);
    });
    await once(socket, 'close');
    expect(received).toBeGreaterThan(20_000_000);
  });
});

test('the timer of the timeouts runs only while there are requests', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port } = await serve(limited({ requestTimeout: 100, sendTimeout: 100 }));
  for (let round = 0; round < 3; round++) {
    const { connection, finish } = await running(port);
    expect(vi.getTimerCount()).toBe(1);
    await finish();
    connection.destroy();
    await allLetGo();
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
  }
});

describe('drainTimeout', () => {
  test('is how long close() waits', async () => {
    const handler = limited({ drainTimeout: 50 });
    const { url } = await serve(handler);
    const never = request(`${url}/never`);
    await notesOf(handler, 'never');
    await handler.close();
    expect((await never).status).toBe(503);
  });
});

test(
  '10,000 clients that vanish in the middle of their upload leave nothing behind',
  async () => {
    const handler = limited({
      receiveTimeout: 5_000,
      maxConcurrentRequests: 100,
      queueLimit: 1000,
    });
    const { port, url } = await serve(handler);
    await handler.ready;
    const before = performance.now();
    for (let i = 0; i < often(50); i++)
      await Promise.all(Array.from({ length: 200 }, (_, n) => vanish(port, n)));
    await allLetGo();
    expect((await request(`${url}/hello`)).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(60_000 * slowdown);
  },
  90_000 * slowdown,
);

/** Sends a part of a request and goes, by a FIN or a reset. */
async function vanish(port: number, n: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const body = 'x'.repeat((n % 10) * 2000);
  socket.write(
    `POST /${n % 2 ? 'sha256' : 'echo'} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${body}`,
  );
  await new Promise((resolve) => setImmediate(resolve));
  if (n % 3 === 0) socket.resetAndDestroy();
  else socket.destroy();
}
