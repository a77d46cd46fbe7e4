import owin, { type DotnetFunction } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

const func = (name: string): DotnetFunction => owin.func(appPath('Work'), `Acme.${name}`);

describe('of several overloads', () => {
  test.each([
    [[1], 'int 1'],
    [[1n], 'long 1'],
    [[1.5], 'double 1.5'],
    [[2 ** 40], 'double 1099511627776'],
    [['a'], 'string a'],
    [[true], 'bool True'],
    [[new Date(0)], 'date 1970'],
    [[Buffer.alloc(3)], 'bytes 3'],
    [[[1, 2]], 'ints 2'],
    [[{ x: 1, y: 2 }], 'point 1,2'],
    [['a', 2], 'string a 2 times'],
  ])('%o: calls the one it fits', async (args, expected) => {
    expect(await func('Overloads.Of')(...args)).toBe(expected);
  });

  test('the one that is named by its parameters is called', async () => {
    expect(await func('Overloads.Of(long)')(1)).toBe('long 1');
    expect(await func('Overloads.Of(string, int)')('a')).toBe('string a 1 times');
    await expect(func('Overloads.Of(Guid)')('a')).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_NOT_FOUND',
      message: expect.stringContaining('Of(int value), Of(long value)'),
    });
  });

  test('none is called where several fit as well, or none does', async () => {
    const code = 'ERR_OWIN_FUNCTION_ARGUMENTS';
    await expect(func('Overloads.Same')(1)).rejects.toMatchObject({ code });
    // A Map is taken for the names and values of an object.
    expect(
      await func('Overloads.Of')(
        new Map([
          ['x', 3],
          ['y', 4],
        ]),
      ),
    ).toBe('point 3,4');
    await expect(func('Overloads.Of')(new Map([[1, 2]]))).rejects.toMatchObject({
      message: '$.value has a key that is 1, where .NET takes Point.',
    });
    await expect(func('Overloads.Of')()).rejects.toMatchObject({ code });
    await expect(func('Overloads.Of')(() => {})).rejects.toMatchObject({ code });
  });
});

describe('of several overloads for what lives on the other side', () => {
  async function* numbers() {
    yield* [1, 2];
  }

  async function* chunks() {
    yield Buffer.alloc(3);
  }

  test.each([
    ['a Promise', 'Handle', () => Promise.resolve('a'), 'task a'],
    ['an async iterable', 'Handle', numbers, 'sum 3'],
    ['an AbortSignal', 'Handle', () => new AbortController().signal, 'signal True'],
    ['an async iterable of bytes', 'Bytes', chunks, 'stream 3'],
  ])('%s: calls the one it fits', async (_, name, make, expected) => {
    expect(await func(`Overloads.${name}`)(make())).toBe(expected);
  });

  test('a function, or a delegate that comes home: calls the one it fits', async () => {
    expect(await func('Overloads.Handle')((value: number) => value + 1)).toBe('function 21');
    const twice = await func('Overloads.Twice')();
    expect(await func('Overloads.Handle')(twice)).toBe('function 40');
    await expect(func('Overloads.Bytes')(twice)).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_ARGUMENTS',
    });
  });
});

describe('a generic method', () => {
  test.each([
    [1, 'Double'],
    ['a', 'String'],
    [true, 'Boolean'],
    [new Date(0), 'DateTime'],
    [Buffer.alloc(1), 'Byte[]'],
    [{ a: 1 }, 'Object'],
  ])('takes its type argument from %j', async (value, type) => {
    expect(await func('Overloads.Generic')(value)).toBe(type);
  });

  test('takes it from the items of a list', async () => {
    const items = func('Overloads.Items');
    const lists = [['a', 'b'], [1, 2.5], [1, 'a'], [], new Float64Array(2)];
    expect(await Promise.all(lists.map((each) => items(each)))).toEqual([
      'String',
      'Double',
      'Object',
      'Object',
      'Double',
    ]);
  });

  test('is not called where nothing says what it is', async () => {
    await expect(func('Overloads.Made')()).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_ARGUMENTS',
      message: expect.stringContaining('what T is does not follow from the arguments'),
    });
  });
});

describe('type arguments that are named', () => {
  test.each([
    ['Generics.Box<int>.Of', [], 'System.Int32'],
    ['Generics.Box<Acme.Point>.Of()', [], 'Acme.Point'],
    ['Generics.Box<System.Collections.Generic.List<int?[]>>.Of', [], /List`1\[System\.Nullable/],
    ['Generics.Box<System.Security.Cryptography.SHA256>.Of', [], /\.SHA256$/],
    ['Generics.Box<int>.Lid<string>.Of(string)', ['a'], 'System.Int32 a'],
    ['Generics.Numbers<decimal>.None', [], '0'],
    ['Generics.Numbers<byte>.Of<int>', [2], 'System.Byte System.Int32 2'],
    ['Overloads.Made<System.DateTime>', [], new Date(-62135596800000)],
    ['Overloads.Generic<long>', [1], 'Int64'],
    ['Overloads.Of(double)', [1], 'double 1'],
    ['Overloads.Of(byte[])', [Buffer.alloc(2)], 'bytes 2'],
  ])('%s', async (name, args, expected) => {
    const result = await func(name)(...args);
    if (expected instanceof RegExp) expect(result).toMatch(expected);
    else expect(result).toEqual(expected);
  });

  test('an object of the type is made for the first call', async () => {
    const put = func('Generics.Box<string>.Put');
    expect([await put('a'), await put('b')]).toEqual([null, 'a']);
    await expect(put(1)).rejects.toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
  });

  test.each([
    [
      'Generics.Box.Of',
      /Acme\.Generics\.Box wants type arguments: it is Acme\.Generics\.Box<T>\. .* such as Acme\.Generics\.Box<string>\./,
    ],
    ['Generics.Box`1.Of', /^Acme\.Generics\.Box`1 wants type arguments/],
    ['Generics.Box<int, int>.Of', /wants type arguments: it is Acme\.Generics\.Box<T>/],
    ['Generics.Base<int>.Says', /takes no type arguments: it is Acme\.Generics\.Base\./],
    ['Generics.Box<Inn>.Of', /no public type Inn, .* It takes its namespace\./],
    ['Generics.Numbers<string>.None', /Numbers<T> does not take string\./],
    [
      'Overloads.Made<int, int>',
      /does not take 2 type arguments\. There are: static T Made<T>\(\)/,
    ],
    ['Generics.Bax<int>.Of', /no public type .* Did you mean Acme\.Generics\.Box<T>\?/],
    ['Generics.Box<int.Of', /names no method/],
    [
      'NeedsArguments.new',
      /no public method new\. Objects are made by what owin\.load\(\) gives\./,
    ],
  ])('%s is refused by name', async (name, message) => {
    await expect(func(name).ready).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_NOT_FOUND',
      message: expect.stringMatching(message),
    });
  });
});

describe('a method of objects', () => {
  test('that is of a base class is called on an object of the class that is named', async () => {
    expect(await func('Generics.Derived.Says')()).toBe('derived');
  });

  test('is called on one object, made for the first call', async () => {
    const count = func('Overloads.Count');
    expect([await count(), await count(), await func('Overloads.Count')()]).toEqual([1, 2, 1]);
  });

  test('of a type that needs arguments is refused', async () => {
    await expect(func('NeedsArguments.Value')()).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_SIGNATURE',
      message: expect.stringContaining('owin.load()'),
    });
  });
});

describe('a wrong name', () => {
  test.each([
    ['Acme.Calls.Ad', /has no public method Ad\. .* Did you mean Add\?/],
    ['Acme.Call.Add', /has no public type Acme\.Call\. .* Did you mean Acme\.Calls\?/],
    ['Add', /names no method/],
  ])('%s is answered with near ones', async (name, message) => {
    await expect(owin.func(appPath('Work'), name)()).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_NOT_FOUND',
      message: expect.stringMatching(message),
    });
  });

  test('of the assembly as well', async () => {
    const missing = owin.func(appPath('Work').replace('Work.dll', 'Wurk.dll'), 'A.B');
    await expect(missing.ready).rejects.toMatchObject({ code: 'ERR_OWIN_APP_NOT_FOUND' });
    expect(() => owin.func('a.dll', '')).toThrow(/takes the name of a method/);
    expect(() => owin.func('a.dll', 'A.B', { priority: 'big' as 'high' })).toThrow(/'high'/);
  });
});

describe('wrong arguments', () => {
  test('are answered with what the method takes', async () => {
    await expect(func('Calls.Add')(1)).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_ARGUMENTS',
      message: 'Acme.Calls.Add was called with 1 argument. It takes: Add(int left, int right).',
    });
    await expect(func('Calls.Add')(1, 'x')).rejects.toMatchObject({
      code: 'ERR_OWIN_MARSHAL',
      message: expect.stringMatching(/^\$\.right is/),
    });
    await expect(func('Calls.Add')(1, Symbol('x'))).rejects.toMatchObject({
      code: 'ERR_OWIN_MARSHAL',
      message: '$.right is a symbol.',
    });
    await expect(func('Failures.LengthOf')(Symbol('x'))).rejects.toMatchObject({
      code: 'ERR_OWIN_MARSHAL',
      message: '$.data is a symbol.',
    });
    await expect(func('Overloads.Span')(Buffer.alloc(1))).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_SIGNATURE',
      message: expect.stringContaining("parameter 'bytes'"),
    });
  });
});

describe('source', () => {
  test('may be C# as text', async () => {
    const source = 'public static class Work { public static int Twice(int value) => value * 2; }';
    expect(await owin.func({ source }, 'Work.Twice')(21)).toBe(42);
  });
});
