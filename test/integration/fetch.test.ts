import { createHash } from 'node:crypto';
import path from 'node:path';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { collectGarbage } from '../support/garbage.ts';
import {
  allLetGo,
  kitchen,
  lines,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';

const { fetch } = kitchen;

/** Reads on until the stream ends or fails, or has given so many bytes. */
async function read(response: Response, atMost = Infinity): Promise<number> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let length = 0;
  while (length < atMost) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
  }
  return length;
}

/** A body of so many chunks, and how many were asked for. */
function chunks(count: number, size: number): { body: ReadableStream; given: () => number } {
  let given = 0;
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (given++ < count) controller.enqueue(new Uint8Array(size).fill(given));
    else controller.close();
  };
  return { body: new ReadableStream({ pull }, { highWaterMark: 0 }), given: () => given };
}

describe('a response of handler.fetch', () => {
  test('is a Response with status, reason, headers and body', async () => {
    const path = script('status=201', 'reason=Made', 'header=X-A:1', 'write=text');
    const response = await fetch(path);
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText, response.ok]).toEqual([201, 'Made', true]);
    expect(response.headers.get('x-a')).toBe('1');
    expect(await response.text()).toBe('text');
    expect(response.bodyUsed).toBe(true);
  });

  test('has no header that is about a connection, and the length the app knows', async () => {
    const response = await fetch('/hello');
    expect([...response.headers.keys()]).toEqual(['content-length', 'content-type']);
    const streamed = await fetch(script('write=a', 'flush', 'yield', 'write=b'));
    expect([...streamed.headers.keys()]).toEqual([]);
    expect(await streamed.text()).toBe('ab');
  });

  test('keeps every Set-Cookie line and latin-1 values', async () => {
    const response = await fetch(
      script('header=Set-Cookie:a=1', 'header=Set-Cookie:b=2', 'header=X-Latin:café', 'write=x'),
    );
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-latin')).toBe('café');
  });

  test('is a redirect where the app redirects', async () => {
    const response = await fetch(script('status=302', 'header=Location:/hello'));
    expect([response.status, response.headers.get('location')]).toEqual([302, '/hello']);
  });

  test.each([204, 205, 304])('has no body with the status %i', async (status) => {
    const response = await fetch(`/status?n=${status}`);
    expect([response.status, response.body]).toEqual([status, null]);
  });

  test('has no body where it answers a HEAD, but its length', async () => {
    const response = await fetch('/hello', { method: 'HEAD' });
    expect([response.status, response.body]).toEqual([200, null]);
    expect(response.headers.get('content-type')).toBe('text/html');
  });

  test('is 404 where the app has none', async () => {
    expect((await fetch('/nowhere')).status).toBe(404);
  });

  test('comes while the app still writes', async () => {
    const id = topic();
    const response = await fetch(
      script(`id=${id}`, 'write=first', 'flush', `await=${id}:go`, 'write= second'),
    );
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(String(Buffer.from((await reader.read()).value as Uint8Array))).toBe('first');
    await fetch(`/note?of=${id}:go`);
    expect(String(Buffer.from((await reader.read()).value as Uint8Array))).toBe(' second');
    expect((await reader.read()).done).toBe(true);
  });

  test('of 20 MB comes whole', async () => {
    const response = await fetch('/big?n=20000000');
    expect(await read(response)).toBe(20_000_000);
  });

  test('can be cloned, and read as bytes, JSON and a blob', async () => {
    const response = await fetch(script('header=Content-Type:application/json', 'write={"a":1}'));
    const clone = response.clone();
    expect(await response.json()).toEqual({ a: 1 });
    expect((await clone.blob()).type).toBe('application/json');
    expect((await (await fetch('/hello')).arrayBuffer()).byteLength).toBe(30);
  });

  test('holds its writer back while nobody reads', async () => {
    const response = await fetch('/write-held');
    expect(response.status).toBe(200);
    await response.body?.cancel();
    await allLetGo();
  });

  test('cancelled in its body ends the exchange', async () => {
    const id = topic();
    const response = await fetch(`/cancelled-log?write&id=${id}`);
    await response.body?.cancel();
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('that nobody reads or holds ends its exchange', async () => {
    const id = topic();
    await (async () => {
      expect((await fetch(`/cancelled-log?write&id=${id}`)).status).toBe(200);
    })();
    const noted = notes(id);
    await expect
      .poll(async () => {
        collectGarbage();
        return (await owin.runtime.stats()).exchanges;
      })
      .toBeLessThanOrEqual(1);
    expect(await noted).toEqual(['cancelled']);
  });
});

describe('a request of handler.fetch', () => {
  test('has the method, path, query, host, scheme and headers it was given', async () => {
    const request = new Request('https://shop.test:81/env?q=%20#top', {
      method: 'DELETE',
      headers: { 'X-A': '1', Cookie: 'a=1; b=2' },
    });
    const env = lines(await (await fetch(request)).text());
    expect(env).toMatchObject({
      'owin.RequestMethod': 'DELETE',
      'owin.RequestPathBase': '',
      'owin.RequestPath': '/env',
      'owin.RequestQueryString': 'q=%20',
      'owin.RequestScheme': 'https',
      'owin.RequestProtocol': 'HTTP/1.1',
      'header:host': 'shop.test:81',
      'header:cookie': 'a=1; b=2',
      'header:x-a': '1',
    });
  });

  test.each([
    ['a text', 'text', 'text/plain;charset=UTF-8'],
    ['bytes', Buffer.from('text'), undefined],
    ['an ArrayBuffer', new TextEncoder().encode('text').buffer, undefined],
    ['a form', new URLSearchParams({ a: 'b' }), 'application/x-www-form-urlencoded;charset=UTF-8'],
    ['a blob', new Blob(['text'], { type: 'text/x' }), 'text/x'],
  ])('may have %s as its body', async (_, body, type) => {
    const response = await fetch('/echo', { method: 'POST', body: body as string });
    expect(response.headers.get('content-type') ?? undefined).toBe(type);
    expect(await response.text()).toBe(body instanceof URLSearchParams ? 'a=b' : 'text');
  });

  test('may have a multipart form as its body', async () => {
    const form = new FormData();
    form.set('a', 'b');
    const response = await fetch('/echo', { method: 'POST', body: form });
    expect(Object.fromEntries(await response.formData())).toEqual({ a: 'b' });
  });

  test('has the bytes its body had at the call', async () => {
    const body = Buffer.alloc(100_000, 1);
    const answer = fetch('/sha256', { method: 'POST', body });
    body.fill(2);
    const hash = createHash('sha256').update(Buffer.alloc(100_000, 1)).digest('hex');
    expect(await (await answer).text()).toBe(hash);
  });

  test('streams its body as the app reads', async () => {
    const { body, given } = chunks(200, 64 * 1024);
    const hash = createHash('sha256');
    for (let i = 1; i <= 200; i++) hash.update(Buffer.alloc(64 * 1024, i));
    const response = await fetch('/sha256', { method: 'POST', body, duplex: 'half' });
    expect(await response.text()).toBe(hash.digest('hex'));
    expect(given()).toBe(201);
  });

  test('asks for no more of its body than the app reads', async () => {
    const { body, given } = chunks(1000, 64 * 1024);
    const response = await fetch('/read-partly?n=65536', { method: 'POST', body, duplex: 'half' });
    expect(await response.text()).toBe('65536');
    await allLetGo();
    expect(given()).toBeLessThan(20);
  });

  test('is aborted when its body fails, and rejects with why', async () => {
    const failure = new Error('no more of it');
    const body = new ReadableStream({ pull: (controller) => controller.error(failure) });
    const answer = fetch('/sha256', { method: 'POST', body, duplex: 'half' });
    await expect(answer).rejects.toBe(failure);
    await allLetGo();
  });

  test('is aborted when its body is not as long as it says', async () => {
    for (const size of [3, 5]) {
      const request = new Request('http://a/sha256', {
        method: 'POST',
        body: chunks(1, size).body,
        headers: { 'Content-Length': '4' },
        duplex: 'half',
      });
      await expect(fetch(request)).rejects.toThrow('Content-Length');
    }
    await allLetGo();
  });

  test('is no local one, and comes from no address', async () => {
    const env = lines(await (await fetch('/env')).text());
    expect(env['server.IsLocal']).toMatch(/False/);
    expect(env).not.toHaveProperty('server.RemoteIpAddress');
  });

  test('passes over what a framework gives as its second argument', async () => {
    const response = await fetch(new Request('http://a/hello'), { params: {} } as RequestInit);
    expect(response.status).toBe(200);
  });

  test.each([
    ['another scheme', 'ftp://a/hello', {}],
    ['credentials', 'http://a:b@c/hello', {}],
    ['a GET with a body', '/hello', { body: 'x' }],
    ['a method that is none', '/hello', { method: 'a b' }],
    ['a stream without duplex', '/hello', { method: 'POST', body: new ReadableStream() }],
  ])('rejects with a TypeError for %s', async (_, url, init) => {
    await expect(fetch(url, init as RequestInit)).rejects.toBeInstanceOf(TypeError);
  });

  test('rejects with a TypeError for a body that was read', async () => {
    const request = new Request('http://a/echo', { method: 'POST', body: 'x' });
    await request.text();
    await expect(fetch(request)).rejects.toBeInstanceOf(TypeError);
  });

  test('for an upgrade rejects, and passes over an offer of HTTP/2', async () => {
    const upgrade = fetch('/ws-echo', { headers: { Upgrade: 'websocket', Connection: 'Upgrade' } });
    await expect(upgrade).rejects.toMatchObject({
      code: 'ERR_OWIN_FETCH',
      message: expect.stringContaining('owin.attach()'),
    });
    expect((await fetch('/hello', { headers: { Upgrade: 'h2c' } })).status).toBe(200);
  });
});

describe('an abort of handler.fetch', () => {
  test('before the call rejects with its reason', async () => {
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(fetch('/hello', { signal })).rejects.toThrow('never mind');
  });

  test('while the app works rejects with its reason and cancels the exchange', async () => {
    const id = topic();
    const controller = new AbortController();
    const answer = fetch(`/cancelled-log?id=${id}`, { signal: controller.signal });
    await notes(`${id}:waiting`);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(await notes(id)).toEqual(['cancelled']);
    await allLetGo();
  });

  test('while the body comes errors the body and cancels the exchange', async () => {
    const id = topic();
    const controller = new AbortController();
    const request = new Request(`http://a/cancelled-log?write&id=${id}`, controller);
    const response = await fetch(request);
    const text = response.text();
    controller.abort(new Error('enough'));
    await expect(text).rejects.toThrow('enough');
    expect(await notes(id)).toEqual(['cancelled']);
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const response = await fetch('/hello', controller);
    controller.abort();
    expect(await response.text()).toContain('Hello');
  });
});

describe('an app that fails in handler.fetch', () => {
  test('gives a 500, and the event error', async () => {
    expect((await fetch('/throw')).status).toBe(500);
    expect(reportedErrors()).toMatchObject([{ message: 'thrown by the app' }]);
  });

  test('after its response has started cuts its body off', async () => {
    const id = topic();
    const path = script(`id=${id}`, 'write=text', 'flush', `await=${id}:go`, 'throw=late');
    const response = await fetch(path);
    await fetch(`/note?of=${id}:go`);
    await expect(response.text()).rejects.toMatchObject({ code: 'ERR_OWIN_FETCH' });
    expect(reportedErrors()).toMatchObject([{ message: 'late' }]);
  });

  test('and drops the connection rejects', async () => {
    await expect(fetch(script('disconnect'))).rejects.toMatchObject({ code: 'ERR_OWIN_FETCH' });
  });

  test('with a status that no Response can have rejects', async () => {
    await expect(fetch('/status?n=777')).rejects.toMatchObject({ code: 'ERR_OWIN_FETCH' });
    await allLetGo();
  });
});

describe('the handler behind fetch', () => {
  test('is waited for while it loads', async () => {
    await using handler = owin(appPath('Kitchen'));
    expect((await handler.fetch('/hello')).status).toBe(200);
  });

  test('answers 503 once it is closed', async () => {
    const handler = owin(appPath('Kitchen'));
    await handler.close();
    expect((await handler.fetch('/hello')).status).toBe(503);
  });

  test('keeps its limits', async () => {
    await using handler = owin(appPath('Kitchen'), {
      limits: { maxRequestBodySize: 10, requestTimeout: 50 },
    });
    const post = { method: 'POST', body: 'x'.repeat(11) };
    expect((await handler.fetch('/echo', post)).status).toBe(413);
    const { body } = chunks(1, 11);
    const streamed = await handler.fetch('/echo', { method: 'POST', body, duplex: 'half' });
    expect(streamed.status).toBe(413);
    expect((await handler.fetch('/never')).status).toBe(504);
  });

  test.each([
    [
      'ASP.NET Core',
      path.join('AspNetTargets/bin/net10.0/AspNetTargets.dll'),
      {},
      '/',
      200,
      /"runtime":/,
    ],
    [
      'message handlers',
      'WebApi/bin/WebApi.dll',
      { kind: 'messageHandler' },
      '/api/orders/1',
      200,
      /1/,
    ],
    ['IAppBuilder', 'Builder/bin/Builder.dll', {}, '/nothing-of-that-name', 404, /^$/],
  ] as const)('may be of another kind: %s', async (_, app, options, target, status, body) => {
    const dll = path.join(import.meta.dirname, '../apps', app);
    await using handler = owin(dll, { log: () => {}, fallthrough: false, ...options });
    const response = await handler.fetch(target);
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(body);
  });
});
