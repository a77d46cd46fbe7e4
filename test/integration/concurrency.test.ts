import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import owin from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, lines, note, reportedErrors, script, topic } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe.each(['express 5', 'node:http'])('at once in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test('200 requests with distinct payloads each get their own back', async () => {
    const { url } = await serve(app);
    const payloads = Array.from({ length: 200 }, (_, i) => randomBytes(1 + ((i * 997) % 40_000)));
    const answers = await Promise.all(
      payloads.map((body, i) =>
        request(`${url}/${i % 2 ? 'echo' : 'sha256'}`, { method: 'POST', body }),
      ),
    );
    answers.forEach(({ bytes }, i) => {
      const payload = payloads[i] as Buffer;
      if (i % 2) expect(bytes.equals(payload)).toBe(true);
      else expect(String(bytes)).toBe(createHash('sha256').update(payload).digest('hex'));
    });
  });

  test('2,000 requests over 50 kept connections never mix', async () => {
    const { url } = await serve(app);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
    onTestFinished(() => agent.destroy());
    const ids = Array.from({ length: 2000 }, (_, i) => `id-${i}`);
    const seen = await Promise.all(
      ids.map(async (id) => {
        const { body } = await request(`${url}/env?${id}`, { agent, headers: { 'X-Id': id } });
        const env = lines(body);
        expect(env['owin.RequestQueryString']).toBe(id);
        expect(env['header:X-Id']).toBe(id);
        return env['owin.RequestId'];
      }),
    );
    expect(new Set(seen).size).toBe(2000);
  });

  test('large bodies both ways arrive unharmed between clients that leave', async () => {
    const { url, port } = await serve(app);
    const round = async (i: number): Promise<void> => {
      if (i % 3 === 0) {
        const connection = await Connection.open(port);
        connection.get('/big?n=50000000');
        await connection.bytes(100_000 + i * 1000);
        connection.destroy();
      } else if (i % 3 === 1) {
        const { bytes } = await request(`${url}/big?n=2000000`);
        expect(bytes.every((byte, at) => byte === at % 251)).toBe(true);
      } else {
        const body = randomBytes(1_000_000);
        expect((await request(`${url}/echo`, { method: 'POST', body })).bytes.equals(body)).toBe(
          true,
        );
      }
    };
    await Promise.all(Array.from({ length: 45 }, (_, i) => round(i)));
  });

  test('requests of every kind, with clients that leave between them, all end', async () => {
    const { url, port } = await serve(app);
    const paths = [
      '/hello',
      '/status?n=404',
      '/big?n=100000',
      '/sse?n=5&every=1',
      '/throw',
      '/throw-after-write',
    ];
    const rounds = Array.from({ length: 300 }, async (_, i) => {
      const path = paths[i % paths.length] as string;
      if (i % 7 === 0) {
        const connection = await Connection.open(port);
        connection.get(path).destroy();
      } else {
        await request(url + path).catch((error) => expect(error.code).toBe('ECONNRESET'));
      }
    });
    await Promise.all(rounds);
    await expect.poll(async () => (await owin.runtime.stats()).slots.used).toBe(0);
    await expect.poll(async () => (await owin.runtime.stats()).dotnetExchanges).toBe(0);
    reportedErrors();
  });
});

describe('pipelined requests', () => {
  test('are answered in order, though .NET finishes them in any', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    const [first, second] = [topic(), topic()];
    connection.get(script(`await=${first}`, 'write=1'));
    connection.get(script(`await=${second}`, 'write=2'));
    connection.get(script('write=3'));
    await note(second);
    await note(first);
    const texts = [];
    for (let i = 0; i < 3; i++) texts.push((await connection.response()).text);
    expect(texts).toEqual(['1', '2', '3']);
  });

  test('of 100 at a time, with bodies and without', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    for (let i = 0; i < 100; i++) {
      const body = `${i}:`.repeat(i);
      if (i % 3 === 0) connection.get(`/env?${i}`);
      else
        connection.send(
          `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
    }
    for (let i = 0; i < 100; i++) {
      const { text } = await connection.response();
      if (i % 3 === 0) expect(lines(text)['owin.RequestQueryString']).toBe(String(i));
      else expect(text).toBe(`${i}:`.repeat(i));
    }
  });

  test('go on behind an error and behind unread bodies', async () => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.get('/throw');
    connection.send('POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
    connection.send('HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n');
    connection.get('/status?n=204').get('/hello');
    expect((await connection.response()).status).toBe(500);
    expect((await connection.response()).status).toBe(200);
    expect((await connection.response({ bodiless: true })).status).toBe(200);
    expect((await connection.response()).status).toBe(204);
    expect((await connection.response()).text).toContain('Hello');
    expect(reportedErrors()).toHaveLength(1);
  });

  test('behind a streamed response wait without being lost', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script('write=begun', 'flush', `await=${id}`));
    connection.get('/big?n=1000000');
    connection.get('/hello');
    await connection.until('begun\r\n');
    await note(id);
    await connection.until('0\r\n\r\n');
    expect((await connection.response()).text).toHaveLength(1_000_000);
    expect((await connection.response()).text).toContain('Hello');
  });
});

test('slots are used again, and frames of a past use are dropped', async () => {
  const { url, port } = await serve(kitchen);
  const before = (await owin.runtime.stats()).slots.slots;
  for (let i = 0; i < 200; i++) {
    const connection = await Connection.open(port);
    connection.get('/sse?n=3&every=1');
    connection.destroy();
    expect((await request(`${url}/env?${i}`)).body).toContain(`owin.RequestQueryString=${i}\n`);
  }
  await expect.poll(async () => (await owin.runtime.stats()).slots.used).toBe(0);
  expect((await owin.runtime.stats()).slots.slots).toBeLessThan(before + 64);
});
