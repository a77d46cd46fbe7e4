import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import os from 'node:os';
import path from 'node:path';
import compression from 'compression';
import express from 'express';
import owin from 'owin';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { ask, secured, serveHttp2 } from '../support/http2.ts';
import {
  allLetGo,
  kitchen,
  lines,
  note,
  notes,
  reportedErrors,
  topic,
} from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { cutOff, framing, respond } from '../support/respond.ts';
import { serve } from '../support/serve.ts';

const MB = 1024 * 1024;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin files ä-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const contents = (size: number) => Buffer.alloc(size).map((_, i) => i % 251);

function file(name: string, bytes: Uint8Array): string {
  const at = path.join(folder, name);
  fs.writeFileSync(at, bytes);
  return at;
}

const ten = file('ten.txt', Buffer.from('0123456789'));
const large = path.join(folder, 'large');
beforeAll(() => fs.writeFileSync(large, contents(40 * MB)));

const target = (route: string, options: Record<string, string | number | true>) =>
  `${route}?${Object.entries(options)
    .map(([name, value]) => (value === true ? name : `${name}=${encodeURIComponent(value)}`))
    .join('&')}`;

/** How often the process holds a file open. */
function openHandles(name: string): number {
  let count = 0;
  for (const fd of fs.readdirSync('/proc/self/fd'))
    try {
      if (fs.readlinkSync(`/proc/self/fd/${fd}`) === name) count++;
    } catch {
      // It was closed meanwhile.
    }
  return count;
}

describe.each(Object.keys(frontends))('sendfile.SendAsync in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each([0, 1, 65_536, 262_143, 262_144, 262_145, 5 * MB])(
    'sends a file of %i bytes',
    async (size) => {
      const at = file(`of ${size}`, contents(size));
      const { url } = await serve(app);
      const plain = await request(url + target('/file', { path: at }));
      expect(plain.bytes.equals(contents(size))).toBe(true);
      const framed = await request(url + target('/file', { path: at, length: size }));
      expect(framed.headers['content-length']).toBe(`${size}`);
      expect(framed.bytes.equals(contents(size))).toBe(true);
    },
  );

  test.each([
    [{ offset: 3 }, '3456789'],
    [{ offset: 3, count: 4 }, '3456'],
    [{ count: 4 }, '0123'],
    [{ offset: 10 }, ''],
    [{ offset: 4, count: 0 }, ''],
  ])('sends the range %j', async (range, text) => {
    const { status, text: body } = await respond(app, target('/file', { path: ten, ...range }));
    expect([status, body]).toEqual([200, text]);
  });

  test('keeps the order of writes and files', async () => {
    const { url } = await serve(app);
    const small = await request(url + target('/file-between', { path: ten, offset: 7 }));
    expect(small.body).toBe('[0123456789|789]');
    const at = file('between', contents(3 * MB));
    const { bytes } = await request(url + target('/file-between', { path: at, offset: 7 }));
    const all = contents(3 * MB);
    const expected = ['[', all, '|', all.subarray(7), ']'].map((part) => Buffer.from(part));
    expect(bytes.equals(Buffer.concat(expected))).toBe(true);
  });
});

describe('the response around a file', () => {
  test('keeps the order also of files that were not waited for', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(url + target('/file-unawaited', { path: ten }));
    expect(body).toBe('01234567890123456789end');
  });

  test('has the Content-Length of the app, and else none', async () => {
    const framed = await respond(kitchen, target('/file', { path: ten, length: 10 }));
    expect([framing(framed), framed.text]).toEqual([['10', null], '0123456789']);
    expect((await framed.next()).status).toBe(200);
    const chunked = await respond(kitchen, target('/file', { path: ten }));
    expect([framing(chunked), chunked.text]).toEqual([[null, 'chunked'], '0123456789']);
    expect((await chunked.next()).status).toBe(200);
  });

  test('that promises fewer bytes than the file has: the call throws, and nothing has left', async () => {
    const id = topic();
    const { status, text } = await respond(kitchen, target('/file', { path: ten, length: 9, id }));
    expect([status, text]).toEqual([500, '']);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('that promises more bytes than the file has is cut off', async () => {
    expect(await cutOff(target('/file', { path: ten, length: 11 }))).toMatch(/0123456789$/);
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
  });

  test('to HEAD is the head alone', async () => {
    const response = await respond(
      kitchen,
      target('/file', { path: large, length: 40 * MB }),
      'HEAD',
    );
    expect([response.status, framing(response)]).toEqual([200, [`${40 * MB}`, null]]);
    expect((await response.next()).status).toBe(200);
  });

  test.each([204, 304])('of status %i cannot have a file', async (status) => {
    const id = topic();
    await respond(kitchen, target('/file-outcome', { path: ten, status, id }));
    expect(await notes(id)).toEqual(['System.InvalidOperationException']);
    reportedErrors();
  });

  test('goes through compression', async () => {
    const app = express().use(compression({ threshold: 0 }), kitchen);
    const { url } = await serve(app);
    const at = file('compressed.txt', contents(2 * MB));
    const response = await fetch(url + target('/file', { path: at, type: 'text/plain' }));
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(Buffer.from(await response.arrayBuffer()).equals(contents(2 * MB))).toBe(true);
  });

  test('says in the capabilities what it can do', async () => {
    const { url } = await serve(kitchen);
    expect(lines((await request(`${url}/file-capabilities`)).body)).toEqual({
      'sendfile.Version': '1.0',
      'sendfile.Concurrency': 'Overlapped',
      type: 'True',
    });
  });
});

describe('sendfile.SendAsync refuses', () => {
  test.each([
    ['a blank path', { path: ' ' }, 'System.ArgumentNullException'],
    ['no path', { null: true as const }, 'System.ArgumentNullException'],
    ['a missing file', { path: `${ten}.gone` }, 'System.IO.FileNotFoundException'],
    ['a missing folder', { path: '/no/such/folder/file' }, 'System.IO.FileNotFoundException'],
    ['a folder', { path: folder }, 'System.UnauthorizedAccessException'],
    ['a negative offset', { path: ten, offset: -1 }, 'System.ArgumentOutOfRangeException'],
    ['an offset behind the end', { path: ten, offset: 11 }, 'System.ArgumentOutOfRangeException'],
    ['a negative count', { path: ten, count: -1 }, 'System.ArgumentOutOfRangeException'],
    ['a count behind the end', { path: ten, count: 11 }, 'System.ArgumentOutOfRangeException'],
    [
      'offset and count that reach behind the end',
      { path: ten, offset: 9, count: 2 },
      'System.ArgumentOutOfRangeException',
    ],
  ])('%s, before anything leaves', async (_, options, error) => {
    const id = topic();
    const { status, text } = await respond(
      kitchen,
      target('/file-outcome', { ...options, id, status: 202 }),
    );
    expect([status, text]).toEqual([202, error]);
    expect(await notes(id)).toEqual([error]);
  });

  test('a file behind the last byte of a Content-Length, and the connection drops', async () => {
    const id = topic();
    const all = await cutOff(target('/file-outcome', { path: ten, length: 5, before: 'abc', id }));
    expect(all).not.toContain('0123');
    expect(await notes(id)).toEqual(['System.InvalidOperationException']);
    reportedErrors();
  });
});

describe('a file that is cancelled', () => {
  test('before it begins has sent nothing, and the app may answer otherwise', async () => {
    const id = topic();
    const { text } = await respond(
      kitchen,
      target('/file-cancelled', { path: ten, id, early: true }),
    );
    expect(await notes(`${id}:outcome`)).toEqual(['System.OperationCanceledException']);
    expect(text).toBe('after');
  });

  test('at once goes on after the file or is cut off in it, and leaves nothing open', async () => {
    const { port } = await serve(kitchen);
    for (let i = 0; i < 50; i++) {
      const id = topic();
      const connection = await Connection.open(port);
      connection.get(target('/file-cancelled', { path: large, id, 'at-once': true }));
      expect(await notes(`${id}:outcome`)).toEqual([
        'System.Threading.Tasks.TaskCanceledException',
      ]);
      expect(openHandles(large)).toBe(0);
      if ((await notes(`${id}:write`))[0] === 'none')
        expect((await connection.response()).text).toBe('after');
      else expect(await connection.end()).not.toContain('after');
    }
    await allLetGo();
  });

  test('midway ends the connection and closes the file', async () => {
    const id = topic();
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.get(target('/file-cancelled', { path: large, id, length: 40 * MB }));
    await connection.until('\r\n\r\n');
    await connection.bytes(1);
    connection.socket.pause();
    await note(id);
    expect(await notes(`${id}:outcome`)).toEqual(['System.Threading.Tasks.TaskCanceledException']);
    expect(openHandles(large)).toBe(0);
    expect(await notes(`${id}:write`)).toEqual(['System.IO.IOException']);
    connection.socket.resume();
    expect((await connection.end()).length).toBeLessThan(40 * MB);
    await allLetGo();
  });

  test('by its client is closed, and the Task fails', async () => {
    const id = topic();
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.get(target('/file-outcome', { path: large, id, length: 40 * MB }));
    await connection.until('\r\n\r\n');
    connection.destroy();
    expect(await notes(id)).toEqual(['System.IO.IOException']);
    expect(openHandles(large)).toBe(0);
    await allLetGo();
  });

  test('by a client that left before it began fails the Task as well', async () => {
    await kitchen.ready;
    const id = topic();
    const { port } = await serve((req, res) => {
      kitchen(req, res);
      // Behind the flush: .NET has the request, and sends the file before it can hear that nobody is there.
      setImmediate(() => {
        res.destroy();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      });
    });
    (await Connection.open(port)).get(target('/file-outcome', { path: large, id }));
    expect(await notes(id)).toEqual(['System.IO.IOException']);
    await allLetGo();
  });

  test('by closing its handler is closed', async () => {
    const id = topic();
    const own = owin(path.join(import.meta.dirname, '../apps/Kitchen/bin/Kitchen.dll'));
    const { port } = await serve(own);
    const connection = await Connection.open(port);
    connection.get(target('/file-outcome', { path: large, id, length: 40 * MB }));
    await connection.until('\r\n\r\n');
    connection.socket.pause();
    await own.close({ drain: 0 });
    await expect.poll(() => openHandles(large)).toBe(0);
    await allLetGo();
  });
});

describe.each(Object.keys(secured))('a file over HTTP/2 and %s', (over) => {
  test('is sent whole, and closed when its stream is reset', async () => {
    const { session } = await serveHttp2(kitchen, secured[over] as boolean);
    const at = file(`over ${over}`, contents(2 * MB));
    const { text } = await ask(session, { ':path': target('/file', { path: at }) });
    expect(Buffer.from(text, 'latin1').equals(contents(2 * MB))).toBe(true);
    const id = topic();
    const stream = session.request({ ':path': target('/file-outcome', { path: large, id }) });
    await once(stream, 'data');
    stream.close(http2.constants.NGHTTP2_CANCEL);
    expect(await notes(id)).toEqual(['System.IO.IOException']);
    expect(openHandles(large)).toBe(0);
    await allLetGo();
  });
});

describe('a file that changes', () => {
  test('and gets shorter while it is sent: the Task fails and the connection is cut off', async () => {
    const id = topic();
    const at = file('shrinking', contents(40 * MB));
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    connection.get(target('/file-outcome', { path: at, id, length: 40 * MB }));
    await connection.until('\r\n\r\n');
    connection.socket.pause();
    fs.truncateSync(at, 1000);
    connection.socket.resume();
    expect((await connection.end()).length).toBeLessThan(40 * MB);
    expect(await notes(id)).toEqual(['System.IO.IOException']);
    expect(reportedErrors()).toMatchObject([{ message: expect.stringContaining('has ended') }]);
    expect(openHandles(at)).toBe(0);
    await allLetGo();
  });
});

describe('the memory of a file that is sent', () => {
  test('to a client that does not read stays small', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const before = process.memoryUsage();
    const connections = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const connection = await Connection.open(port);
        connection.socket.pause();
        return connection.get(target('/file-outcome', { path: large, id, length: 40 * MB }));
      }),
    );
    await request(`http://127.0.0.1:${port}/hello`);
    const { arrayBuffers } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 2 * MB);
    for (const connection of connections) connection.destroy();
    await notes(id, 8);
    await allLetGo();
  });

  test('while many are sent at once none is mixed with another', async () => {
    const { url } = await serve(kitchen);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const whole = contents(2 * MB);
    const at = file('many', whole);
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const offset = i * 1000;
        const { bytes } = await request(url + target('/file', { path: at, offset }), { agent });
        expect(bytes.equals(whole.subarray(offset))).toBe(true);
      }),
    );
    agent.destroy();
  });
});
