import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestListener } from 'node:http';
import express from 'express';
import owin from 'owin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { allLetGo, kitchen, lines, reportedErrors } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const withValues =
  (values: unknown): RequestListener =>
  (req, res) => {
    (req as { owin?: unknown }).owin = values;
    kitchen(req, res);
  };

/** What .NET sees under `node.<name>`. */
async function seen(name: string, value: unknown): Promise<string> {
  const { url } = await serve(withValues({ [name]: value }));
  return (await request(`${url}/value?key=node.${encodeURIComponent(name)}`)).body;
}

async function called(
  path: string,
  values: Record<string, unknown>,
): Promise<{ status: number; body: string }> {
  const { url } = await serve(withValues(values));
  return request(url + path);
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const cycle: Record<string, unknown> = { a: {} };
(cycle['a'] as Record<string, unknown>)['b'] = [0, cycle];

const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });

function fail(): never {
  throw new Error('cannot be read');
}

describe('a value in req.owin', () => {
  test.each(
    (
      [
        [true, 'Boolean True'],
        [false, 'Boolean False'],
        [1, 'Int32 1'],
        [-(2 ** 31), 'Int32 -2147483648'],
        [2 ** 31, 'Int64 2147483648'],
        [Number.MAX_SAFE_INTEGER, 'Int64 9007199254740991'],
        [2 ** 53, 'Double 9007199254740992'],
        [2n ** 63n - 1n, 'Int64 9223372036854775807'],
        [2n ** 64n, 'BigInteger 18446744073709551616'],
        [1.5, 'Double 1.5'],
        [-0, 'Double -0'],
        [Number.NaN, 'Double NaN'],
        ['é\u{1f3b7}', 'string é\u{1f3b7}'],
        ['', 'string '],
        [new Date(Date.UTC(2001, 1, 3, 4, 5, 6, 7)), 'Utc 2001-02-03T04:05:06.0070000Z'],
        [Buffer.from([0, 255]), 'bytes 00ff'],
        [new Uint8Array([1, 2]).buffer, 'bytes 0102'],
        [[1, 'a', null, undefined], '[Int32 1, string a, null, null]'],
        [{ a: { b: [true] }, c: undefined }, '{a: {b: [Boolean True]}}'],
        [new Map([['x', 1]]), '{x: Int32 1}'],
        [new URL('http://a/b'), 'string http://a/b'],
        [nested(63), `${'['.repeat(63)}Int32 1${']'.repeat(63)}`],
        [() => 1, 'function'],
      ] as [unknown, string][]
    ).map(([value, expected]) => [expected, value] as const),
  )('arrives as %s', async (expected, value) => {
    expect(await seen('value', value)).toBe(expected);
  });

  test.each([null, undefined])('%j is absent', async (value) => {
    expect(await seen('value', value)).toBe('absent');
  });

  test('larger than what is sent at once arrives whole', async () => {
    const value = await seen('value', 'x'.repeat(200_000));
    expect(value).toBe(`string ${'x'.repeat(200_000)}`);
  });

  test('may have its prefix already, and never replaces what the server says', async () => {
    const { url } = await serve(withValues({ 'node.a': 'b', OriginalUrl: 'forged', __proto: 1 }));
    expect(lines((await request(`${url}/env`)).body)).toMatchObject({
      'node.a': 'b',
      'node.OriginalUrl': '/env',
      'node.__proto': '1',
    });
  });

  test('belongs to its request alone', async () => {
    const { url } = await serve((req, res) => {
      if (req.url?.endsWith('first')) (req as { owin?: unknown }).owin = { only: 'first' };
      kitchen(req, res);
    });
    const [first, second] = await Promise.all(
      ['first', 'second'].map((each) => request(`${url}/value?key=node.only&${each}`)),
    );
    expect([first?.body, second?.body]).toEqual(['string first', 'absent']);
  });

  test.each<[string, unknown, string]>([
    ['a symbol', { a: [1, { b: Symbol('x') }] }, 'req.owin.a[1].b is a symbol'],
    ['a cycle', cycle, 'req.owin.a.b[1] is a part of what it lies in: a cycle'],
    ['too deep', { a: nested(64) }, `req.owin.a${'[0]'.repeat(63)} is 64 lists and objects deep`],
    ['a detached buffer', { a: detached }, 'req.owin.a is a detached ArrayBuffer'],
    [
      'a getter that throws',
      {
        get a() {
          return fail();
        },
      },
      'req.owin.a cannot be read: Error: cannot be read',
    ],
    ['a RegExp', { a: /x/ }, 'req.owin.a is a RegExp'],
    ['an invalid Date', { a: new Date(Number.NaN) }, 'req.owin.a is an invalid Date'],
    ['no object', 'text', 'req.owin takes an object'],
  ])('that cannot cross is an error with its path: %s', async (_, values, message) => {
    const { url } = await serve(withValues(values));
    expect((await request(`${url}/hello`)).status).toBe(500);
    const [error] = reportedErrors();
    expect(error).toMatchObject({ code: 'ERR_OWIN_MARSHAL', name: 'OwinError' });
    expect(error?.message).toContain(message);
    await allLetGo();
  });

  test('that cannot cross goes to the error handler of express', async () => {
    const app = express()
      .use((req, _res, next) => {
        (req as { owin?: unknown }).owin = { a: Symbol('x') };
        next();
      })
      .use(kitchen)
      .use(((error, _req, res, _next) => void res.end(error.code)) as express.ErrorRequestHandler);
    const { url } = await serve(app);
    expect((await request(`${url}/hello`)).body).toBe('ERR_OWIN_MARSHAL');
  });
});

describe('a function in req.owin', () => {
  test.each<[string, () => unknown, string]>([
    ['its result', () => ({ a: 1 }), '{a: Int32 1}'],
    ['the result of its promise', async () => 'later', 'string later'],
    ['nothing', () => undefined, 'null'],
  ])('gives .NET %s', async (_, f, expected) => {
    expect((await called('/call?key=node.f', { f })).body).toBe(expected);
  });

  test('gets the argument with its types', async () => {
    let argument: unknown;
    const f = (given: unknown) => {
      argument = given;
    };
    await called('/call?key=node.f&text=all', { f });
    expect(argument).toEqual({
      null: null,
      bool: true,
      int: -5,
      byte: 200,
      long: 2n ** 63n - 1n,
      double: 1.5,
      string: 'é\ud800\0z',
      date: new Date(Date.UTC(2001, 1, 3, 4, 5, 6, 7)),
      bytes: Buffer.from([0, 255]),
      list: new Int32Array([1, 2]),
      ['__proto__']: 'own',
    });
    expect(Object.keys(argument as object)).toContain('__proto__');
  });

  test.each([
    ['cycle', 'the argument[1].again is a part of what it lies in: a cycle'],
    ['type', 'the argument.a[1] is a System.RuntimeType'],
  ])('refuses an argument that cannot cross: %s', async (text, message) => {
    let ran = false;
    const f = () => {
      ran = true;
    };
    const { body } = await called(`/call?key=node.f&text=${text}`, { f });
    expect(body).toContain(message);
    expect(ran).toBe(false);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new RangeError('out of range');
      },
    ],
    ['rejects with', () => Promise.reject(new RangeError('out of range'))],
  ])('that %s an error fails the call with it', async (_, f) => {
    const { body } = await called('/call?key=node.f', { f });
    expect(body).toContain('Owin.Host.Functions.JsException: out of range');
    expect(body).toContain('RangeError: out of range');
    expect(body).toContain('values.test.ts');
  });

  test.each<[string, unknown]>([
    ['an object without a prototype', Object.create(null)],
    [
      'an error whose message cannot be read',
      Object.create(Error.prototype, { message: { get: fail } }),
    ],
    ['nothing', undefined],
  ])('that throws %s fails the call all the same', async (_, thrown) => {
    const f = () => {
      throw thrown;
    };
    const { body } = await called('/call?key=node.f', { f });
    expect(body).toContain('Owin.Host.Functions.JsException');
  });

  test('whose result cannot cross fails the call', async () => {
    const { body } = await called('/call?key=node.f', { f: () => ({ a: [Symbol('x')] }) });
    expect(body).toContain('the result of the function.a[0] is a symbol');
  });

  test('may give a function', async () => {
    expect((await called('/call?key=node.f', { f: () => () => 1 })).body).toBe('function');
  });

  test('runs in the async context of its request', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { url } = await serve((req, res) =>
      storage.run(String(req.headers['x-id']), () =>
        withValues({ f: () => storage.getStore() })(req, res),
      ),
    );
    const ids = Array.from({ length: 10 }, (_, i) => `context-${i}`);
    const answers = await Promise.all(
      ids.map((id) => request(`${url}/call?key=node.f`, { headers: { 'X-Id': id } })),
    );
    expect(answers.map(({ body }) => body)).toEqual(ids.map((id) => `string ${id}`));
  });

  test('is gone with its request', async () => {
    const { url } = await serve(withValues({ f: () => 'alive' }));
    expect((await request(`${url}/call?key=node.f&keep`)).body).toBe('string alive');
    await allLetGo();
    expect((await owin.runtime.stats()).handles).toBe(0);
    const late = await request(`${url}/call-kept`);
    expect(late.body).toContain('The request that gave this function is over.');
  });

  test('that never answers does not outlive its request', async () => {
    let entered = () => {};
    const running = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const f = () => {
      entered();
      return new Promise(() => {});
    };
    const { url } = await serve(withValues({ f }));
    const controller = new AbortController();
    const answer = request(`${url}/call?key=node.f`, { signal: controller.signal });
    await running;
    controller.abort();
    await expect(answer).rejects.toThrow();
    await allLetGo();
    expect((await owin.runtime.stats()).handles).toBe(0);
  });
});

describe('the option properties', () => {
  test('gives every request its values and functions, until the handler closes', async () => {
    const handler = owin(appPath('Kitchen'), {
      properties: { tenant: { name: 'acme' }, 'node.x': 1, f: (text: unknown) => `got ${text}` },
    });
    const { url } = await serve(handler);
    for (let i = 0; i < 2; i++) {
      expect((await request(`${url}/value?key=node.tenant`)).body).toBe('{name: string acme}');
      expect((await request(`${url}/value?key=node.x`)).body).toBe('Int32 1');
      const { body } = await request(`${url}/call?key=node.f&text=it&keep`);
      expect(body).toBe('string got it');
    }
    expect((await owin.runtime.stats()).handles).toBe(1);
    await handler.close();
    expect((await owin.runtime.stats()).handles).toBe(0);
  });

  test('gives way to req.owin', async () => {
    const handler = owin(appPath('Kitchen'), { properties: { a: 'handler', b: 'handler' } });
    onTestFinished(() => handler.close());
    const { url } = await serve((req, res) => {
      (req as { owin?: unknown }).owin = { a: 'request' };
      handler(req, res);
    });
    expect((await request(`${url}/value?key=node.a`)).body).toBe('string request');
    expect((await request(`${url}/value?key=node.b`)).body).toBe('string handler');
  });

  test('throws at once for what cannot cross', () => {
    expect(() => owin(appPath('Kitchen'), { properties: { a: [Symbol('x')] } })).toThrow(
      expect.objectContaining({
        code: 'ERR_OWIN_MARSHAL',
        message: expect.stringContaining('properties.a[0] is a symbol'),
      }),
    );
    expect(() => owin(appPath('Kitchen'), { properties: 'text' as never })).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
    );
  });
});
