// What listeners of plain node:http find in memory, by fetchFrom.
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { fetchFrom } from '../../../src/http/fetch.ts';

const KB = 1024;

/** Asks a listener, and says what it has got and when its response is over. */
function ask(listener: RequestListener, init?: RequestInit) {
  const { promise: closed, resolve } = withResolvers<void>();
  const answer = fetchFrom(
    (req, res) => {
      res.once('close', resolve);
      return listener(req, res);
    },
    '/target',
    init,
  );
  return { answer, closed };
}

// Node 20 has none of its own.
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const bytes = (count: number) => Readable.from([Buffer.alloc(count)]);

describe('a response in memory', () => {
  test('is written to again when it has drained, also by who looks first', async () => {
    const { answer } = ask(async (_req, res) => {
      expect(res.write(Buffer.alloc(200 * KB))).toBe(false);
      expect(res.writableNeedDrain).toBe(true);
      await once(res, 'drain');
      expect(res.writableNeedDrain).toBe(false);
      for (let i = 0; i < 3; i++) await pipeline(bytes(200 * KB), res, { end: false });
      res.end();
    });
    expect((await (await answer).arrayBuffer()).byteLength).toBe(800 * KB);
  });

  test.each([
    ['a HEAD', 200, 'HEAD'],
    ['the status 205', 205, 'GET'],
  ])('ends where nobody gets its body: that of %s', async (_, status, method) => {
    const { answer, closed } = ask(
      async (_req, res) => {
        res.writeHead(status).flushHeaders();
        for (let i = 0; i < 4; i++)
          await new Promise<unknown>((done) => res.write(Buffer.alloc(100 * KB), done));
        res.end();
      },
      { method },
    );
    const response = await answer;
    expect([response.status, response.body]).toEqual([status, null]);
    await closed;
  });

  test('passes over what is only for the way: a 100, 102 or 103, whenever it comes', async () => {
    const inform = (res: ServerResponse) => {
      res.writeContinue();
      res.writeProcessing();
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
    };
    const { answer } = ask((_req, res) => {
      inform(res);
      res.writeHead(200, { 'X-A': '1' });
      inform(res);
      res.end('body');
    });
    const response = await answer;
    expect([response.headers.get('x-a'), await response.text()]).toEqual(['1', 'body']);
  });

  test('has the head of Node, without what is about a connection', async () => {
    const { answer } = ask((_req, res) => {
      res.writeHead(201, 'Made: now', { Connection: 'close', 'X-Empty': '', 'X-Colon': 'a: b' });
      res.end('body');
    });
    const { status, statusText, headers } = await answer;
    expect([status, statusText]).toEqual([201, 'Made: now']);
    expect([...headers]).toEqual([
      ['x-colon', 'a: b'],
      ['x-empty', ''],
    ]);
  });
});

describe('a request in memory', () => {
  async function readOn(req: IncomingMessage, each: () => void) {
    for await (const _ of req) each();
  }

  test('that is cut off fails for who reads it, as on a connection that closes', async () => {
    const controller = new AbortController();
    let reading: Promise<unknown> | undefined;
    let failed: Promise<unknown[]> | undefined;
    const { answer, closed } = ask(
      (req: IncomingMessage) => {
        failed = once(req, 'error').catch((error) => [error]);
        reading = readOn(req, () => controller.abort(new Error('enough'))).catch((error) => error);
      },
      {
        method: 'POST',
        body: new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(10)) }),
        duplex: 'half',
        signal: controller.signal,
      } as RequestInit,
    );
    await expect(answer).rejects.toThrow('enough');
    expect(await reading).toMatchObject({ code: 'ECONNRESET', message: 'aborted' });
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    await closed;
  });

  test('ends its source when the response needs no more of it', async () => {
    const cancelled = withResolvers<unknown>();
    const body = new ReadableStream({
      pull: (c) => c.enqueue(new Uint8Array(10)),
      cancel: cancelled.resolve,
    });
    const { answer } = ask((_req, res) => void res.end('early'), {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit);
    expect(await (await answer).text()).toBe('early');
    await cancelled.promise;
  });

  test('may have chunks of no bytes', async () => {
    let left = 5;
    const body = new ReadableStream({
      pull: (c) => (left-- > 0 ? c.enqueue(new Uint8Array(left % 2)) : c.close()),
    });
    const { answer } = ask(
      async (req, res) => {
        let length = 0;
        for await (const chunk of req) length += chunk.length;
        res.end(String(length));
      },
      { method: 'POST', body, duplex: 'half' } as RequestInit,
    );
    expect(await (await answer).text()).toBe('2');
  });

  test.each(['GET', 'HEAD'])('of %s with an empty text as its body is none', async (method) => {
    const { answer } = ask((_req, res) => void res.end(), { method, body: '' });
    await expect(answer).rejects.toBeInstanceOf(TypeError);
  });
});
