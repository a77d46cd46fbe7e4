import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { features, note, notes, reportedErrors, topic } from '../support/aspnet-http.ts';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { ask, serveHttp2 } from '../support/http2.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const MB = 1024 * 1024;

describe.each(Object.keys(frontends))('IHttpResponseFeature in %s', (name) => {
  const start = () => serve((frontends[name] as (typeof frontends)[string])(features));

  test('a response of one write has its type', async () => {
    const { url } = await start();
    const answer = await request(`${url}/hello`);
    expect([answer.status, answer.body]).toEqual([200, 'Hello']);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test('status and reason are what was set', async () => {
    const { url } = await start();
    const answer = await request(`${url}/status?code=418&reason=Tea`);
    expect([answer.status, answer.reason]).toEqual([418, 'Tea']);
    expect(answer.headers['content-length']).toBe('0');
  });

  test('a header is one line for each of its values', async () => {
    const { url } = await start();
    const answer = await request(`${url}/lines`);
    expect(valuesOf(answer, 'set-cookie')).toEqual(['a=1', 'b=2']);
    expect(valuesOf(answer, 'x-one')).toEqual(['1']);
    expect(valuesOf(answer, 'x-two')).toEqual(['1', '2']);
    expect(answer.headers).not.toHaveProperty('x-gone');
    expect(valuesOf(answer, 'x-empty')).toEqual(['']);
  });

  test.each(['yes', 'no'])('OnStarting runs last first, with a body: %s', async (body) => {
    const { url } = await start();
    const answer = await request(`${url}/starting?body=${body}`);
    expect([answer.status, answer.headers['x-order']]).toEqual([201, '321']);
    expect(answer.body).toBe(body === 'yes' ? 'body' : '');
  });

  test('large bodies arrive whole', async () => {
    const { url } = await start();
    for (const by of ['stream', 'writer']) {
      const answer = await request(`${url}/large?bytes=${3 * MB}&by=${by}`);
      expect(answer.bytes.length).toBe(3 * MB);
      const chunk = 64 * 1024 + 1;
      expect(answer.bytes.every((byte, i) => byte === (i % chunk) % 251)).toBe(true);
    }
  });
});

describe('OnStarting that throws', () => {
  test('fails the write, and the response is a 500', async () => {
    const { url } = await serve(features);
    const of = topic();
    expect((await request(`${url}/starting/throws?topic=${of}`)).status).toBe(500);
    expect(await notes(of, 3)).toEqual([
      'FormatException: in OnStarting',
      expect.stringMatching(/^ObjectDisposedException: .*unhandled application exception/),
      'the other ran: False',
    ]);
    expect(reportedErrors().map((error) => error.message)).toEqual(['in OnStarting']);
  });

  test('is a 500 also where nothing is written', async () => {
    const { url } = await serve(features);
    expect((await request(`${url}/starting/throws?body=no`)).status).toBe(500);
    expect(reportedErrors().map((error) => error.message)).toEqual(['in OnStarting']);
  });
});

test('OnCompleted runs last first when the response has ended, and what it throws is logged', async () => {
  const { url } = await serve(features);
  const of = topic();
  expect((await request(`${url}/completed?topic=${of}`)).body).toBe('body');
  expect(await notes(of, 4)).toEqual(['disposed', '3', '2', '1']);
  expect(await notes('log')).toContainEqual(expect.stringContaining('in OnCompleted'));
});

test('nothing of the head can be set once the response has started', async () => {
  const { url } = await serve(features);
  const answer = await request(`${url}/late`);
  expect(answer.headers).toMatchObject({ 'x-set': '1' });
  expect(answer.headers).not.toHaveProperty('x-late');
  expect(answer.body.split('\n').map((line) => line.split(':')[0])).toEqual([
    'False',
    ...Array(6).fill('InvalidOperationException'),
    '',
    '',
  ]);
});

describe('StartAsync', () => {
  test('fixes the head, which leaves with the end', async () => {
    const { url } = await serve(features);
    const of = topic();
    const answer = await request(`${url}/start?topic=${of}`);
    expect([answer.status, answer.headers['content-length'], await notes(of)]).toEqual([
      200,
      '0',
      ['True'],
    ]);
  });

  test('cuts the response off where the app throws after it', async () => {
    const { url } = await serve(features);
    await expect(request(`${url}/start?throw=yes&topic=${topic()}`)).rejects.toThrow();
    expect(reportedErrors().map((error) => error.message)).toEqual(['after StartAsync']);
  });
});

describe('CompleteAsync', () => {
  test('ends the response while the app goes on; twice is once; a write after it throws', async () => {
    const { url } = await serve(features);
    const [of, until] = [topic(), topic()];
    const answer = await request(`${url}/complete?topic=${of}&until=${until}`);
    expect(answer.body).toBe('whole');
    expect(await notes(of, 2)).toEqual([
      'completed twice',
      'InvalidOperationException: Writing is not allowed after writer was completed.',
    ]);
    await note(until);
    expect(await notes(of, 3)).toContain('left');
  });

  test('of the writer ends the response too, and with an exception cuts it off', async () => {
    const { url } = await serve(features);
    expect((await request(`${url}/complete/writer`)).body).toBe('part');
    await expect(request(`${url}/complete/writer?throw=yes`)).rejects.toThrow();
    expect(reportedErrors()).toMatchObject([{ cause: { message: 'of the writer' } }]);
    // What had not been flushed is nobody's fault.
    expect((await request(`${url}/complete/writer?throw=early`)).status).toBe(500);
    expect(reportedErrors()).toMatchObject([{ cause: { message: 'of the writer' } }]);
    expect(await notes('log')).not.toContainEqual(expect.stringContaining('ObjectDisposed'));
  });
});

describe('the PipeWriter', () => {
  test('keeps what it is advanced over until a flush, whatever the size', async () => {
    const { url } = await serve(features);
    const of = topic();
    const { body } = await request(`${url}/writer?topic=${of}`);
    expect(body).toBe(`${'a'.repeat(5000)}${'b'.repeat(5000)}${'c'.repeat(5000)}!?`);
    expect(await notes(of, 2)).toEqual([
      'True 15000 0',
      expect.stringMatching(/^ArgumentOutOfRangeException/),
    ]);
  });

  test('cancels a flush that waits, and sends its bytes with the next', async () => {
    const { port } = await serve(features);
    const of = topic();
    const connection = await Connection.open(port);
    // Nothing is read until the flush has been cancelled.
    connection.socket.pause();
    connection.get(`/writer/cancelled?topic=${of}&bytes=${16 * MB}`, 'Connection: close');
    expect(await notes(of)).toEqual(['cancelled: True, left: True']);
    connection.socket.resume();
    const whole = await connection.end();
    expect(whole.match(/x/g)?.length).toBe(16 * MB);
    expect(whole).toContain('!');
    expect(await notes(of, 2)).toContain('then: False, left: False');
  });

  test('sends what was not flushed at the end', async () => {
    const { url } = await serve(features);
    expect((await request(`${url}/writer/unflushed`)).body).toBe('kept');
  });
});

test('each flush leaves at once', async () => {
  const { port } = await serve(features);
  const until = topic();
  const connection = await Connection.open(port);
  connection.get(`/stream?until=${until}`);
  for (const part of ['part 1\n', 'part 2\n', 'part 3\n']) {
    await connection.until(part);
    await note(until);
  }
  await connection.until('0\r\n\r\n');
});

describe('SendFileAsync', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin aspnet ä-'));
  afterAll(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'ten.txt');
  fs.writeFileSync(file, '0123456789');
  const large = path.join(folder, 'large');
  fs.writeFileSync(large, Buffer.alloc(5 * MB, 'abc'));
  const target = (of: string, more = '') => `/file?path=${encodeURIComponent(of)}${more}`;

  test.each([
    ['all of it', '', '0123456789'],
    ['a range', '&offset=2&count=3', '234'],
    ['to its end', '&offset=8', '89'],
    ['between what is written', '&before=yes&after=yes&count=2', 'before 01 after'],
  ])('sends %s', async (_, query, body) => {
    const { url } = await serve(features);
    const answer = await request(url + target(file, query));
    expect([answer.body, answer.headers['x-from']]).toEqual([body, 'file']);
  });

  test('sends a large one', async () => {
    const { url } = await serve(features);
    const answer = await request(url + target(large));
    expect(answer.bytes.equals(fs.readFileSync(large))).toBe(true);
  });

  test.each([
    ['a file that is not there', path.join(folder, 'none'), '', 'FileNotFoundException'],
    ['a range it does not have', file, '&offset=11', 'ArgumentOutOfRangeException'],
  ])('throws for %s, before the response has started', async (_, of, query, type) => {
    const { url } = await serve(features);
    expect((await request(url + target(of, query))).status).toBe(500);
    expect(reportedErrors().map(({ name }) => name)).toEqual([`System.${prefix(type)}${type}`]);
  });

  const prefix = (type: string) => (type.startsWith('File') ? 'IO.' : '');
});

describe('a Content-Length', () => {
  const run = async (target: string, method = 'GET') => {
    const { url } = await serve(features);
    const answer = await request(`${url}/length?${target}`, { method });
    return [answer.status, answer.body, answer.headers['content-length']];
  };

  test('is kept', async () => {
    expect(await run('length=4&write=ab&write=cd')).toEqual([200, 'abcd', '4']);
    expect(await run('length=4&write=abcd', 'HEAD')).toEqual([200, '', '4']);
  });

  test.each([
    ['more bytes', 'length=3&write=ab&write=cd', 'InvalidOperationException'],
    ['fewer bytes', 'length=5&write=abcd', undefined],
  ])('cuts off a response of %s', async (_, target, type) => {
    await expect(run(target)).rejects.toThrow();
    const [error] = reportedErrors();
    expect(error?.message).toMatch(/than its Content-Length says/);
    if (type) expect(error?.name).toContain(type);
  });

  test('is a 500 where nothing was written', async () => {
    expect((await run('length=5'))[0]).toBe(500);
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
  });
});

describe('IHttpResponseTrailersFeature', () => {
  test('sends them on HTTP/1.1 behind the last chunk', async () => {
    const { port } = await serve(features);
    const connection = await Connection.open(port);
    connection.get('/trailers', 'Connection: close');
    const whole = await connection.end();
    expect(whole).toContain('4\r\nTrue\r\n0\r\nX-Sum: 7\r\nX-Line: 1\r\nX-Line: 2\r\n\r\n');
  });

  test('sends them on HTTP/2', async () => {
    const { session } = await serveHttp2(features);
    const answer = await ask(session, { ':path': '/trailers' });
    expect([answer.text, answer.trailers.slice(0, 2), answer.code]).toEqual([
      'True',
      ['x-sum', '7'],
      0,
    ]);
  });

  test('is not there on HTTP/1.0', async () => {
    const { port } = await serve(features);
    const connection = await Connection.open(port);
    connection.send('GET /trailers HTTP/1.0\r\n\r\n');
    expect((await connection.response()).text).toBe('False');
  });

  test('refuses what can only be a header', async () => {
    const { url } = await serve(features);
    await expect(request(`${url}/trailers?bad=yes`)).rejects.toThrow();
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
  });
});

test('a middleware can put a stream of its own in the place of the body', async () => {
  const { url } = await serve(features);
  expect((await request(`${url}/replaced`)).body).toBe('shoutSHOUT'.slice(5));
});

test('synchronous reads and writes are refused until they are allowed', async () => {
  const { url } = await serve(features);
  const answer = await request(`${url}/sync`, { method: 'POST', body: 'read synchronously' });
  expect(answer.body.split('\n')).toEqual([
    ...['ReadAsync', 'WriteAsync', 'FlushAsync'].map(
      (instead) =>
        `InvalidOperationException: Synchronous operations are disallowed. Call ${instead} or set AllowSynchronousIO to true instead.`,
    ),
    'read synchronously',
  ]);
});

test('a header that cannot be sent is a 500, and nothing of it leaves', async () => {
  const { port } = await serve(features);
  const connection = await Connection.open(port);
  connection.get('/bad-header', 'Connection: close');
  const whole = await connection.end();
  expect(whole).toMatch(/^HTTP\/1\.1 500 /);
  expect(whole).not.toContain('X-Bad');
  expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
});
