import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorTable } from '../../src/errors.generated.ts';
import { OwinError, type OwinErrorCode, readError } from '../../src/errors.ts';

/** One error of a tree, as the fields that cross. */
function fields(
  depth: number,
  relation: '' | 'cause' | 'errors',
  message: string,
  {
    name = 'System.Exception',
    stack = '',
    code = '',
    hresult = '-2146233088',
    data = '',
    number = '0',
  } = {},
): string[] {
  return [String(depth), relation, name, message, stack, code, hresult, data, number];
}

describe('readError', () => {
  test('keeps the .NET type, the message, the stack and the number', () => {
    const stack = '   at Acme.App.Run() in /src/App.cs:line 7';
    const error = readError(
      fields(0, '', 'broken\nin two', { name: 'System.FormatException', stack, hresult: '-5' }),
    );
    expect(error).toMatchObject({
      name: 'System.FormatException',
      message: 'broken\nin two',
      hresult: -5,
    });
    expect(error.stack).toBe(`System.FormatException: broken\nin two\n${stack}`);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(OwinError);
    expect('cause' in error).toBe(false);
    expect('errors' in error).toBe(false);
  });

  test('has what was in Data, whatever its names are', () => {
    const data = '\u001fSqlState\u001f23505\u001f__proto__\u001fx\u001fEmpty\u001f';
    const error = readError(fields(0, '', 'duplicate', { data })) as Error & { data: object };
    expect(Object.entries(error.data)).toEqual([
      ['SqlState', '23505'],
      ['__proto__', 'x'],
      ['Empty', ''],
    ]);
    expect('data' in readError(fields(0, '', 'no data'))).toBe(false);
  });

  test('has no line more where .NET has no stack', () => {
    expect(readError(fields(0, '', 'never thrown')).stack).toBe('System.Exception: never thrown');
  });

  test('builds the chain of causes', () => {
    const error = readError([
      ...fields(0, '', 'a'),
      ...fields(1, 'cause', 'b'),
      ...fields(2, 'cause', 'c'),
    ]);
    const b = error.cause as Error;
    expect([error.message, b.message, (b.cause as Error).message]).toEqual(['a', 'b', 'c']);
    expect((b.cause as Error).cause).toBeUndefined();
  });

  test('builds trees of several errors', () => {
    const error = readError([
      ...fields(0, '', 'top'),
      ...fields(1, 'errors', 'a'),
      ...fields(2, 'cause', 'a1'),
      ...fields(3, 'errors', 'a1x'),
      ...fields(1, 'errors', 'b'),
      ...fields(2, 'errors', 'b1'),
      ...fields(2, 'errors', 'b2'),
    ]) as AggregateError;
    expect(error.cause).toBeUndefined();
    const [a, b] = error.errors;
    expect(error.errors).toHaveLength(2);
    expect(a.cause.errors.map(String)).toEqual(['System.Exception: a1x']);
    expect(b.errors.map((each: Error) => each.message)).toEqual(['b1', 'b2']);
  });

  test('has a cause beside errors, as a type that cannot be loaded', () => {
    const error = readError([
      ...fields(0, '', 'top'),
      ...fields(1, 'cause', 'why'),
      ...fields(1, 'errors', 'loader'),
    ]) as AggregateError;
    expect((error.cause as Error).message).toBe('why');
    expect(error.errors[0].message).toBe('loader');
  });

  test('shows what it is made of, and nothing else', () => {
    const error = readError([
      ...fields(0, '', 'a'),
      ...fields(1, 'cause', 'b'),
      ...fields(1, 'errors', 'c'),
    ]);
    expect(Object.keys(error)).toEqual([]);
    expect(inspect(error)).toContain('[cause]: [System.Exception: b]');
    expect(inspect(error)).toContain('[errors]: [ [System.Exception: c] ]');
  });

  test('makes owin’s own errors of their codes', () => {
    const error = readError(
      fields(0, '', 'It is gone $& $1.', {
        name: 'OwinError',
        code: 'ERR_OWIN_APP_NOT_FOUND',
        stack: '   at X',
      }),
    );
    expect(error).toBeInstanceOf(OwinError);
    expect(error).toMatchObject({ code: 'ERR_OWIN_APP_NOT_FOUND', message: 'It is gone $& $1.' });
    expect(error.stack).toBe('OwinError: It is gone $& $1.\n   at X');
  });

  test.each(['ERR_OWIN_FROM_THE_FUTURE', 'toString', '__proto__'])(
    'does not take %s for a code',
    (code) => {
      const error = readError(fields(0, '', 'a', { code }));
      expect(error).not.toBeInstanceOf(OwinError);
      expect(error.message).toBe('a');
    },
  );

  test.each([[[]], [['0', '', 'Name', 'cut off']]])(
    'says that nothing can be read of %o',
    (cut) => {
      expect(readError(cut)).toMatchObject({ code: 'ERR_OWIN_PROTOCOL' });
    },
  );
});

describe('OwinError', () => {
  test.each(Object.keys(errorTable) as OwinErrorCode[])('%s fills its template', (code) => {
    const error = new OwinError(code, 'the $& detail', { cause: 5 });
    expect(error.message).toBe(errorTable[code].message.split('{detail}').join('the $& detail'));
    expect(error).toMatchObject({ name: 'OwinError', code, cause: 5 });
    expect(error.stack).toMatch(/^OwinError: /);
    expect(Object.keys(error)).toEqual(['code']);
    expect(error instanceof TypeError).toBe(errorTable[code].base === 'TypeError');
  });

  test('is known by its mark, also when another copy of the package made it', () => {
    const other = Object.defineProperty(new Error(), Symbol.for('owin.OwinError'), { value: true });
    expect(other).toBeInstanceOf(OwinError);
    for (const value of [new Error(), {}, null, undefined, 'ERR_OWIN_OPTION', 5])
      expect(value instanceof (OwinError as never)).toBe(false);
  });
});
