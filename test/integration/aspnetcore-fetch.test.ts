// An ASP.NET Core app by handler.fetch: no socket, and yet all of a request and its response.
import { describe, expect, test } from 'vitest';
import { features, note, notes, reportedErrors, topic } from '../support/aspnet-http.ts';

const { fetch } = features;

/** A body that its test writes. */
function written(): { body: ReadableStream; write: (text: string) => void; end: () => void } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  const encoder = new TextEncoder();
  return {
    body,
    write: (text) => controller.enqueue(encoder.encode(text)),
    end: () => controller.close(),
  };
}

const post = (body: ReadableStream) => ({ method: 'POST', body, duplex: 'half' }) as RequestInit;

test('the request has no addresses, and cannot be upgraded', async () => {
  const request = await (await fetch('https://shop.test/request/x?y')).json();
  expect(request).toMatchObject({
    scheme: 'https',
    protocol: 'HTTP/1.1',
    host: 'shop.test',
    pathBase: '',
    path: '/request/x',
    queryString: '?y',
    remote: null,
    remotePort: 0,
    local: null,
    canHaveBody: false,
    upgradable: false,
  });
});

test('bodies go both ways at once', async () => {
  const { body, write, end } = written();
  const response = await fetch('/duplex', post(body));
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => Buffer.from((await reader.read()).value ?? []).toString();
  for (const text of ['one', 'two', 'three']) {
    write(text);
    expect(await next()).toBe(`got ${text}`);
  }
  end();
  expect((await reader.read()).done).toBe(true);
});

test('a HEAD has the length of what is not sent', async () => {
  const response = await fetch('/length?length=4&write=abcd', { method: 'HEAD' });
  expect([response.headers.get('content-length'), response.body]).toEqual(['4', null]);
});

test('a body that is too large is a 413, also where its length is not known', async () => {
  const { body, write, end } = written();
  const answer = fetch('/limit?set=10', post(body));
  write('more than ten bytes');
  end();
  expect((await answer).status).toBe(413);
});

describe('an abort', () => {
  test('before anything was sent cancels RequestAborted, and is a 499 to those who log', async () => {
    const [of, ended] = [topic(), topic()];
    const controller = new AbortController();
    const answer = fetch(`/gone/unsent?topic=${of}&ended=${ended}`, controller);
    await notes(of);
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    expect(await notes(ended)).toEqual(['499']);
  });

  test.each(['signal', 'cancel'])(
    'in the body, by its %s, drops what is written on',
    async (how) => {
      const of = topic();
      const controller = new AbortController();
      const response = await fetch(`/gone?topic=${of}`, controller);
      if (how === 'signal') controller.abort();
      else await response.body?.cancel();
      expect(await notes(of, 2)).toEqual([
        'writes: dropped, reader gone: True',
        'TaskCanceledException',
      ]);
      if (how === 'signal')
        await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
    },
  );

  test('of the app rejects, or fails the body', async () => {
    const [of, until] = [topic(), topic()];
    const response = await fetch(`/abort?topic=${of}&until=${until}`);
    const failed = expect(response.text()).rejects.toMatchObject({ code: 'ERR_OWIN_FETCH' });
    await note(until);
    await failed;
    expect(await notes(of)).toEqual(['True']);
  });
});

test('what the app throws is a 500, and the event error', async () => {
  expect((await fetch('/throw')).status).toBe(500);
  expect(reportedErrors()).toMatchObject([{ name: 'System.FormatException' }]);
});
