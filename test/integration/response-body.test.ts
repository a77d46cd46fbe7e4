import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { kitchen, lines, note, notes, script, topic } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const MB = 1024 * 1024;

/** Whether byte i is i % 251, as /big writes them. */
function isPattern(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== i % 251) return false;
  return true;
}

describe.each(Object.keys(frontends))('a response body in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each([0, 1, 2048, 2049, 16_384, 16_385, 65_536, 300_000, 5 * MB])(
    'of %i bytes arrives whole',
    async (size) => {
      const { url } = await serve(app);
      for (const form of ['', '&length', '&sync', '&sync&length']) {
        const { bytes } = await request(`${url}/big?n=${size}${form}`);
        expect(bytes.length).toBe(size);
        expect(isPattern(bytes)).toBe(true);
      }
    },
  );

  test('arrives as it is written, event by event', async () => {
    const { port } = await serve(app);
    const connection = await Connection.open(port);
    const [first, second] = [topic(), topic()];
    connection.get(
      script('write=one', 'flush', `await=${first}`, 'write=two', `await=${second}`, 'write=three'),
    );
    await connection.until('one');
    await note(first);
    await connection.until('two');
    await note(second);
    await connection.until('three\r\n0\r\n\r\n');
  });

  test('begins with its head when only that is flushed', async () => {
    const { port } = await serve(app);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script('header=X-Early:1', 'flush', `await=${id}`, 'write=body'));
    expect(await connection.until('\r\n\r\n')).toContain('X-Early: 1');
    await note(id);
    await connection.until('body\r\n0\r\n\r\n');
  });

  test('is a stream of server-sent events', async () => {
    const { url } = await serve(app);
    const answer = await request(`${url}/sse?n=20&every=1`);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.body).toBe(Array.from({ length: 20 }, (_, i) => `data: ${i}\n\n`).join(''));
  });
});

describe('the stream', () => {
  test('is for writing only', async () => {
    const { url } = await serve(kitchen);
    const unsupported = 'System.NotSupportedException';
    expect(lines((await request(`${url}/response-stream`)).body)).toEqual({
      ...{ canRead: 'False', canSeek: 'False', canWrite: 'True' },
      ...{ read: unsupported, seek: unsupported, length: unsupported, setLength: unsupported },
    });
  });

  test('takes every form of Write, and a Dispose is ignored', async () => {
    const { url } = await serve(kitchen);
    expect((await request(`${url}/write-forms`)).body).toBe(
      'array span b task memory begin writer part System.ArgumentOutOfRangeException',
    );
  });

  test.each(['write=', 'flush', 'flush-sync'])(
    'begins the response with %s of zero bytes',
    async (step) => {
      const { port } = await serve(kitchen);
      const id = topic();
      const connection = await Connection.open(port);
      connection.get(script(step, `await=${id}`));
      expect(await connection.until('\r\n\r\n')).toMatch(/^HTTP\/1.1 200 OK/);
      await note(id);
      await connection.until('0\r\n\r\n');
    },
  );

  test('takes writes from several threads at once, each whole', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(`${url}/write-parallel?threads=8&n=200`);
    const found = body.split('\n').filter(Boolean);
    expect(found).toHaveLength(8 * 200);
    expect(new Set(found).size).toBe(8 * 200);
    for (const line of found) expect(line).toMatch(/^\d-\d+ x{100}$/);
  });

  test('after completion throws ObjectDisposedException', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    await request(`${url}/write-after-complete?id=${id}`);
    const { body } = await request(`${url}/write-after-complete/now?id=${id}`);
    expect(body).toContain(
      'write System.ObjectDisposedException\nflush System.ObjectDisposedException',
    );
  });

  test.each([
    ['before the response has started', ''],
    ['in the middle of the response', '&write'],
  ])('after the client has gone throws IOException: %s', async (_, write) => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(`/after-abort?id=${id}${write}`);
    await notes(`${id}:waiting`);
    if (write) await connection.until('begun');
    connection.destroy();
    expect((await notes(id))[0]).toContain(
      'write System.IO.IOException, flush System.IO.IOException',
    );
  });
});

describe('back-pressure', () => {
  test('holds the writer while the client does not read, and loses nothing', async () => {
    let response!: http.ServerResponse;
    const { url } = await serve((req, res) => {
      response = res;
      kitchen(req, res);
    });
    const id = topic();
    const size = 32 * MB;
    const req = http.get(`${url}/write-held?n=${size}&id=${id}`, { agent: false });
    const [res] = (await once(req, 'response')) as [http.IncomingMessage];
    const [sent] = await notes(id);
    expect(Number(sent), 'what the kernel holds is its own business').toBeLessThan(16 * MB);
    expect(response.writableLength).toBeLessThan(2 * MB);
    const chunks: Buffer[] = [];
    for await (const chunk of res) chunks.push(chunk);
    const all = Buffer.concat(chunks);
    expect(all.length).toBe(size);
    expect(isPattern(all)).toBe(true);
  });

  test('lets go of a held writer when the client goes', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const req = http.get(`${url}/cancelled-late?id=${id}`, { agent: false });
    await once(req, 'response');
    req.on('error', () => {});
    req.destroy();
    expect(await notes(id)).toEqual(['True']);
  });

  test('holds for one client and no other', async () => {
    const { url } = await serve(kitchen);
    const held = Array.from({ length: 16 }, () =>
      http.get(`${url}/big?n=${64 * MB}&sync`, { agent: false }),
    );
    const stopped = held.map(async (req) => {
      req.on('error', () => {});
      await once(req, 'response');
    });
    await Promise.all(stopped);
    for (let i = 0; i < 50; i++) expect((await request(`${url}/hello`)).status).toBe(200);
    for (const req of held) req.destroy();
  });
});
