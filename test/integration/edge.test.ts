// Code as it is written for edge-js: docs/migrating-from-edge.md has what differs.
import owin, { type EdgeFunction } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

const called = (edge: EdgeFunction, payload: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    edge(payload, (error, result) => (error ? reject(error) : resolve(result)));
  });

const everything = owin.func({
  source: `
    using System.Collections.Generic;
    using System.Dynamic;
    using System.Linq;
    using System.Threading.Tasks;

    public class Startup
    {
        public async Task<object> Invoke(dynamic input)
        {
            var names = string.Join(",", ((IDictionary<string, object>)input).Keys);
            var kinds = string.Join(",", ((object[])input.aList).Select(each => each == null ? "null" : each.GetType().Name));
            return new
            {
                names,
                kinds,
                anInteger = (int)input.anInteger + 1,
                aNumber = (double)input.aNumber,
                Nested = new { Text = (string)input.nested.text },
                aBuffer = (byte[])input.aBuffer,
                aDictionary = new Dictionary<string, object> { ["Key"] = 1 },
            };
        }
    }`,
});

describe('owin.func in the style of edge-js', () => {
  test('takes a lambda as source', async () => {
    const hello = owin.func({ source: 'async (dynamic name) => ".NET welcomes " + name' });
    expect(await called(hello, 'JavaScript')).toBe('.NET welcomes JavaScript');
    expect(await hello('promises')).toBe('.NET welcomes promises');
  });

  test('takes a function with C# in a comment', async () => {
    const add = owin.func(() => {
      /*
        using System.Globalization;
        async (dynamic input) => { return (int)input.a + (int)input.b; }
      */
    });
    expect(await called(add, { a: 2, b: 3 })).toBe(5);
  });

  test('gives .NET dynamic objects and JavaScript what it returns, names as they are', async () => {
    const payload = {
      anInteger: 1,
      aNumber: 2.5,
      nested: { text: 'foo' },
      aList: [1, 'one', null, 1.5, true, new Date(0)],
      aBuffer: Buffer.from('bar'),
    };
    expect(await called(everything, payload)).toEqual({
      names: 'anInteger,aNumber,nested,aList,aBuffer',
      kinds: 'Int32,String,null,Double,Boolean,DateTime',
      anInteger: 2,
      aNumber: 2.5,
      Nested: { Text: 'foo' },
      aBuffer: Buffer.from('bar'),
      aDictionary: { Key: 1 },
    });
  });

  test('calls functions of JavaScript’s, which call back', async () => {
    const addAndMultiply = owin.func({
      source: `
        using System; using System.Threading.Tasks;
        public class Startup
        {
            public async Task<object> Invoke(dynamic input)
            {
                var add = (Func<object, Task<object>>)input.add;
                var sum = (int)await add(new { a = (int)input.a, b = (int)input.b });
                return sum * 2;
            }
        }`,
    });
    const payload = {
      a: 2,
      b: 3,
      add: (data: { a: number; b: number }, callback: (error: unknown, sum: number) => void) =>
        callback(null, data.a + data.b),
    };
    expect(await called(addAndMultiply, payload)).toBe(10);
    const failing = {
      ...payload,
      add: (_: unknown, callback: (error: unknown) => void) => callback(new TypeError('no sum')),
    };
    await expect(called(addAndMultiply, failing)).rejects.toThrow('no sum');
    const later = { ...payload, add: async () => 7 };
    expect(await addAndMultiply(later)).toBe(14);
  });

  test('gives functions of .NET’s, with state', async () => {
    const createCounter = owin.func({
      source: `
        async (dynamic start) => {
            var k = (int)start;
            return (Func<object, Task<object>>)(async input => k++);
        }`,
    });
    const counter = (await called(createCounter, 12)) as EdgeFunction;
    expect(await called(counter, null)).toBe(12);
    expect(await counter()).toBe(13);
  });

  test('takes a class and a method of an assembly', async () => {
    const assemblyFile = appPath('Marshalling');
    expect(await owin.func({ assemblyFile })('a')).toBe('got a');
    const typeName = 'Marshalling.Startup';
    expect(await owin.func({ assemblyFile, typeName, methodName: 'Invoke' })()).toBe('got null');
  });

  test('fails with the exception of .NET’s', async () => {
    const failing = owin.func({
      source:
        'async (dynamic input) => { throw new InvalidOperationException("sample exception"); }',
    });
    await expect(called(failing, null)).rejects.toMatchObject({
      name: 'System.InvalidOperationException',
      message: 'sample exception',
    });
    const broken = owin.func({ source: 'async (dynamic input) => { return missing; }' });
    await expect(called(broken, null)).rejects.toMatchObject({ code: 'ERR_OWIN_COMPILE' });
  });

  test('refuses what it does not take', () => {
    expect(() => owin.func({} as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
    );
    expect(() => owin.func({ source: 'x', typename: 'y' } as never)).toThrow('typeName');
    expect(() => everything({}, true as never)).toThrow('callback');
  });
});
