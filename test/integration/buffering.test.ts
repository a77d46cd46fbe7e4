import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import compression from 'compression';
import express from 'express';
import owin, { type BufferingOptions, type Handler, type ResponseStart } from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { allLetGo, kitchen, note, notes, script, topic } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { framing } from '../support/respond.ts';
import { serve } from '../support/serve.ts';
import { untilStill } from '../support/still.ts';

const MB = 1024 * 1024;

/** A kitchen of its own with that policy, its errors, and its own notes. */
async function buffering(
  buffering: BufferingOptions,
  frontend: (handler: Handler) => http.RequestListener = (handler) => handler,
) {
  const handler = owin(appPath('Kitchen'), { buffering });
  const errors: Error[] = [];
  handler.on('error', (error) => errors.push(error));
  onTestFinished(async () => {
    await handler.close({ drain: 0 });
  });
  await handler.ready;
  const { port, url } = await serve(frontend(handler));
  const side = await serve(handler);
  return {
    port,
    url,
    errors,
    open: () => Connection.open(port),
    note: (of: string) => request(`${side.url}/note?of=${of}&text=`),
    notes: async (of: string) =>
      (await request(`${side.url}/notes?of=${of}&at-least=1`)).body.split('\n'),
  };
}

describe.each(Object.keys(frontends))("response: 'buffer' in %s", (name) => {
  const frontend = frontends[name] as (typeof frontends)[string];

  test('sends nothing before the app has completed, and then with a Content-Length', async () => {
    const server = await buffering({ response: 'buffer' }, frontend);
    const [id, go] = [topic(), topic()];
    const connection = await server.open();
    connection.get(
      script(`id=${id}`, 'write=one', 'flush', 'note=written', `await=${go}`, 'write=, two'),
    );
    expect(await server.notes(id)).toEqual(['written']);
    // What was written before has been read by now.
    await request(`${server.url}/hello`);
    expect(connection.received).toBe('');
    await server.note(go);
    const response = await connection.response();
    expect([response.text, framing(response)]).toEqual(['one, two', ['8', null]]);
    expect((await connection.get('/hello').response()).status).toBe(200);
  });

  test.each([
    [0, MB],
    [1, MB],
    [MB, MB],
    [5 * MB, 8 * MB],
  ])('keeps %i bytes of %i it may', async (size, maxBuffer) => {
    const { url } = await buffering({ response: 'buffer', maxBuffer }, frontend);
    for (const form of ['', '&sync']) {
      const { bytes, headers } = await request(`${url}/big?n=${size}${form}`);
      expect(headers['content-length']).toBe(`${size}`);
      expect(bytes.every((byte, i) => byte === i % 251)).toBe(true);
    }
  });

  test.each([
    [1, 0],
    [MB + 1, MB],
    [5 * MB, 300_000],
  ])('goes over to streaming with %i bytes of %i it may keep', async (size, maxBuffer) => {
    const { url } = await buffering({ response: 'buffer', maxBuffer }, frontend);
    const { bytes, headers } = await request(`${url}/big?n=${size}`);
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(bytes.length).toBe(size);
    expect(bytes.every((byte, i) => byte === i % 251)).toBe(true);
  });
});

describe("response: 'buffer'", () => {
  test.each([
    ['before the start', ['disable-buffering', 'write=one', 'flush']],
    ['after the start', ['write=one', 'flush', 'disable-buffering']],
  ])('is switched off by server.DisableResponseBuffering %s', async (_, steps) => {
    const server = await buffering({ response: 'buffer', request: 'buffer' });
    const go = topic();
    const connection = await server.open();
    connection.get(script(...steps, `await=${go}`, 'write=two'));
    await connection.until('\r\n3\r\none\r\n');
    await server.note(go);
    await connection.until('3\r\ntwo\r\n0\r\n\r\n');
    const whole = await connection.get(script('write=one', 'flush', 'write=two')).response();
    expect(framing(whole), 'for that request alone').toEqual(['6', null]);
  });

  test('keeps a Content-Length of the app, and the head of HEAD, 204 and 304', async () => {
    const { open } = await buffering({ response: 'buffer' });
    const connection = await open();
    const ofApp = await connection.get('/big?n=1000&length').response();
    expect(framing(ofApp)).toEqual(['1000', null]);
    connection.send(`HEAD ${script('write=one', 'flush')} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await connection.response({ bodiless: true })).status).toBe(200);
    for (const status of [204, 304]) {
      const response = await connection.get(script(`status=${status}`, 'flush')).response();
      expect([response.status, framing(response)]).toEqual([status, [null, null]]);
    }
  });

  test('keeps the order with a file, which is streamed', async () => {
    const file = path.join(os.tmpdir(), `owin-buffering-${process.pid}`);
    fs.writeFileSync(file, 'file');
    onTestFinished(() => fs.rmSync(file));
    const { url } = await buffering({ response: 'buffer' });
    const { body } = await request(`${url}/file-between?path=${encodeURIComponent(file)}&offset=1`);
    expect(body).toBe('[file|ile]');
  });

  test('sends nothing of a response whose app fails', async () => {
    const server = await buffering({ response: 'buffer' });
    const connection = await server.open();
    expect(await connection.get(script('write=one', 'flush', 'throw=now')).end()).toBe('');
    expect(server.errors).toMatchObject([{ message: 'now' }]);
  });

  test('grants what it kept once: the app is held as any other when it goes over to streaming', async () => {
    let response!: http.ServerResponse;
    const { url } = await buffering({ response: 'buffer', maxBuffer: 16 * MB }, (handler) => {
      return (req, res) => {
        response = res;
        handler(req, res);
      };
    });
    const req = http.get(`${url}/big?n=${64 * MB}`, { agent: false });
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    let received = 0;
    for await (const chunk of res.iterator({ destroyOnReturn: false }))
      if ((received += chunk.length) > 24 * MB) break;
    await untilStill(() => response.writableLength);
    expect(response.writableLength).toBeLessThan(4 * MB);
    req.destroy();
  });

  test('is switched off by its own request alone, also when that is over', async () => {
    const server = await buffering({ response: 'buffer' });
    const [id, go] = [topic(), topic()];
    await request(`${server.url}/write-after-complete?id=${id}`);
    // Whatever slot that request had, one of these has it now.
    const { slots } = (await owin.runtime.stats()).slots;
    const open = await Promise.all(
      Array.from({ length: slots + 1 }, async () => {
        const written = topic();
        const connection = await server.open();
        connection.get(
          script(`id=${written}`, 'write=one', 'flush', 'note=written', `await=${go}`, 'write=two'),
        );
        await server.notes(written);
        return connection;
      }),
    );
    await request(`${server.url}/write-after-complete/now?id=${id}`);
    await server.note(go);
    const answers = await Promise.all(open.map((each) => each.response()));
    expect(answers.map(framing)).toEqual(answers.map(() => ['6', null]));
  });

  test('lets go of what it kept when the client leaves', async () => {
    const server = await buffering({ response: 'buffer' });
    const id = topic();
    const connection = await server.open();
    connection.get(script(`id=${id}`, 'bytes=600000', 'note=written', 'cancelled'));
    await server.notes(id);
    connection.destroy();
    await allLetGo();
  });
});

describe('a response function', () => {
  const bySseOrNot = (res: ResponseStart) =>
    res.headers['content-type'] === 'text/event-stream' ? 'stream' : 'buffer';

  test('decides for each response', async () => {
    const { url } = await buffering({ response: bySseOrNot });
    const whole = await request(url + script('write=one', 'flush', 'write=two'));
    expect(whole.headers['content-length']).toBe('6');
    const events = await request(`${url}/sse?n=3`);
    expect(events.headers['transfer-encoding']).toBe('chunked');
    expect(events.body).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n');
  });

  test('sees status, headers and request, once', async () => {
    const seen: unknown[] = [];
    const { url } = await buffering({
      response({ status, headers, req }) {
        seen.push(status, headers, req.url);
        return 'buffer';
      },
    });
    const target = script(
      'status=418',
      'header=X-One:1',
      'header=X-Two:1',
      'header=X-Two:2',
      'flush',
      'write=a',
      'disable-buffering',
      'write=b',
    );
    await request(url + target);
    expect(seen).toEqual([418, { 'x-one': '1', 'x-two': ['1', '2'] }, target]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('undecided');
      },
      'undecided',
    ],
    [
      'returns nothing',
      () => undefined as never,
      "buffering.response(res) returns 'stream' or 'buffer', not undefined.",
    ],
  ])('that %s ends its response with a 500', async (_, response, message) => {
    const { url, errors } = await buffering({ response });
    const answer = await request(url + script('write=one', 'flush', 'write=two'));
    expect([answer.status, answer.body]).toEqual([500, '']);
    expect(errors).toMatchObject([{ message }]);
    await allLetGo();
  });
});

describe('server-sent events', () => {
  /** The text of a response as it can be decoded so far. */
  async function events(url: string, target: string) {
    const req = http.get(url + target, { agent: false, headers: { 'accept-encoding': 'gzip' } });
    const res = await new Promise<http.IncomingMessage>((resolve) => req.once('response', resolve));
    let text = '';
    let changed = () => {};
    const gzipped = res.headers['content-encoding'] === 'gzip';
    const body = gzipped ? res.pipe(zlib.createGunzip()) : res;
    body.on('data', (chunk) => {
      text += chunk;
      changed();
    });
    return {
      gzipped,
      async until(mark: string) {
        while (!text.includes(mark))
          await new Promise<void>((resolve) => {
            changed = resolve;
          });
      },
    };
  }

  const compressed = (handler: Handler) => express().use(compression({ threshold: 0 }), handler);

  test.each([
    ['flushed', ['flush'], compressed, true],
    ['not flushed', [], compressed, true],
    ['not compressed', [], (handler: Handler) => express().use(handler), false],
  ] as const)('that are %s arrive as they are written', async (_, flush, frontend, gzipped) => {
    const { url } = await serve(frontend(kitchen));
    const [first, second] = [topic(), topic()];
    const stream = await events(
      url,
      script(
        'header=Content-Type:text/event-stream',
        ...['write=data: 1\n\n', ...flush, `await=${first}`],
        ...['write=data: 2\n\n', ...flush, `await=${second}`],
        'write=data: 3\n\n',
      ),
    );
    expect(stream.gzipped).toBe(gzipped);
    await stream.until('data: 1\n\n');
    await note(first);
    await stream.until('data: 2\n\n');
    await note(second);
    await stream.until('data: 3\n\n');
  });

  test('arrive also where other responses are kept', async () => {
    const server = await buffering(
      {
        response: (res) =>
          res.headers['content-type'] === 'text/event-stream' ? 'stream' : 'buffer',
      },
      compressed,
    );
    const go = topic();
    const stream = await events(
      server.url,
      script('header=Content-Type:text/event-stream', 'write=one', `await=${go}`, 'write=two'),
    );
    await stream.until('one');
    await server.note(go);
    await stream.until('two');
  });

  test('end a compression whose flush throws with their connection, and no other', async () => {
    const app = express();
    app.use((_req, res, next) => {
      Object.assign(res, {
        flush() {
          throw new Error('patched');
        },
      });
      next();
    });
    const { url } = await serve(app.use(kitchen));
    const id = topic();
    const answer = request(
      url + script(`id=${id}`, 'on-cancelled=x', 'write=one', 'flush', 'cancelled'),
    );
    await expect(answer).rejects.toThrow();
    expect((await request(`${url}/hello`)).status).toBe(200);
    await notes(id);
    await allLetGo();
  });
});

describe.each(Object.keys(frontends))("request: 'buffer' in %s", (name) => {
  const frontend = frontends[name] as (typeof frontends)[string];

  test.each([
    ['of a known length', 'Content-Length: 6', ['abc', 'def']],
    ['in chunked form', 'Transfer-Encoding: chunked', ['3\r\nabc\r\n', '3\r\ndef\r\n0\r\n\r\n']],
  ])('calls the app when a body %s has come whole', async (_, header, [first = '', rest = '']) => {
    const server = await buffering({ request: 'buffer' }, frontend);
    const connection = await server.open();
    connection.send(`POST /echo HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n${first}`);
    // A request that came later has been answered, and that one is not known in .NET.
    await request(`${server.url}/hello`);
    await expect.poll(async () => (await owin.runtime.stats()).dotnetExchanges).toBe(0);
    expect((await owin.runtime.stats()).exchanges).toBe(1);
    connection.send(rest);
    expect((await connection.response()).text).toBe('abcdef');
    expect((await connection.get('/hello').response()).status).toBe(200);
    await allLetGo();
  });

  test.each([0, 1, 20_000, 5 * MB])('passes a body of %i bytes', async (size) => {
    const { url } = await buffering({ request: 'buffer', maxBuffer: 5 * MB }, frontend);
    const body = Buffer.alloc(size).map((_, i) => i % 251);
    for (const headers of [{ 'content-length': size }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await request(`${url}/echo`, { method: 'POST', headers, body });
      expect(answer.bytes.equals(body)).toBe(true);
    }
    const sync = await request(`${url}/sync-read`, { method: 'POST', body });
    expect(sync.body).toMatch(new RegExp(`^${size} `));
  });

  test.each([
    ['declares', 'Content-Length: 11', ''],
    ['has', 'Transfer-Encoding: chunked', 'b\r\n12345678901\r\n'],
  ])('answers 413 when a body %s more than it may', async (_, header, sent) => {
    const server = await buffering({ request: 'buffer', maxBuffer: 10 }, frontend);
    const connection = await server.open();
    connection.send(`POST /echo HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n${sent}`);
    expect((await connection.response()).status).toBe(413);
    await allLetGo();
  });
});

describe("request: 'buffer'", () => {
  test('lets requests without a body pass', async () => {
    const { url } = await buffering({ request: 'buffer' });
    expect((await request(`${url}/hello`)).status).toBe(200);
    expect((await request(`${url}/body`, { method: 'DELETE' })).body).toContain('null=True');
  });

  test('leaves the body whole to the handlers behind next', async () => {
    const { url } = await buffering({ request: 'buffer' }, (handler) =>
      express().use(handler, express.json({ limit: MB }), (req, res) => res.json(req.body)),
    );
    const body = JSON.stringify({ text: 'x'.repeat(200_000) });
    const headers = { 'content-type': 'application/json' };
    const answer = await request(`${url}/next`, { method: 'POST', headers, body });
    expect(answer.body).toBe(body);
  });

  test('passes on what a parser in front has read', async () => {
    const { url } = await buffering({ request: 'buffer' }, (handler) =>
      express().use(express.json(), handler),
    );
    const headers = { 'content-type': 'application/json' };
    const answer = await request(`${url}/echo`, { method: 'POST', headers, body: '{"a":1}' });
    expect(answer.body).toBe('{"a":1}');
  });

  test('lets go of a client that leaves in the middle', async () => {
    const server = await buffering({ request: 'buffer' });
    const connection = await server.open();
    connection.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc');
    await request(`${server.url}/hello`);
    connection.destroy();
    await allLetGo();
  });

  test('ends with the drain of close() and with receiveTimeout', async () => {
    const handler = owin(appPath('Kitchen'), {
      buffering: { request: 'buffer' },
      limits: { receiveTimeout: 200 },
    });
    await handler.ready;
    const { port, url } = await serve(handler);
    const post = 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc';
    const stalled = await Connection.open(port);
    expect((await stalled.send(post).response()).status).toBe(408);
    const closed = await Connection.open(port);
    closed.send(post);
    await request(`${url}/hello`);
    await handler.close({ drain: 0 });
    expect((await closed.response()).status).toBe(503);
    await allLetGo();
  });
});
