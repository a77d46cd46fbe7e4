import { describe, expect, test } from 'vitest';
import { checkOptions, describe as show } from '../../../src/hosting/options.ts';

function refusal(options: unknown, checks: Parameters<typeof checkOptions>[2]): string | undefined {
  try {
    checkOptions('f()', options as object, checks);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_OWIN_OPTION' });
    return (error as Error).message;
  }
}

describe('an unknown option', () => {
  const checks = { dotnetRoot: 'string', trustProxy: 'boolean', log: 'string' } as const;

  test.each([
    ['dotnetroot', 'dotnetRoot'],
    ['dotnetRot', 'dotnetRoot'],
    ['dotnetRoots', 'dotnetRoot'],
    ['dotentRoot', 'dotnetRoot'],
    ['DOTNETROOT', 'dotnetRoot'],
    ['trustProxi', 'trustProxy'],
  ])('%s is near %s', (name, near) => {
    expect(refusal({ [name]: 1 }, checks)).toBe(
      `f() has no option '${name}'. Did you mean '${near}'?`,
    );
  });

  test.each(['dotnet', 'proxy', 'culture', ''])('%o is near nothing', (name) => {
    expect(refusal({ [name]: 1 }, checks)).toBe(
      `f() has no option '${name}'. It has: dotnetRoot, trustProxy, log.`,
    );
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    '%s is unknown, too',
    (name) => {
      expect(refusal(JSON.parse(`{"${name}":1}`), checks)).toContain(`has no option '${name}'.`);
    },
  );

  test('is unknown also when it has no value', () => {
    expect(refusal({ x: undefined }, { name: 'string' })).toContain("has no option 'x'");
  });
});

describe('a known option', () => {
  test('may be left undefined', () => {
    expect(refusal({ a: undefined }, { a: 'string' })).toBeUndefined();
  });

  test('has its type', () => {
    expect(
      refusal({ a: 'x', b: true, c: 0 }, { a: 'string', b: 'boolean', c: 'number' }),
    ).toBeUndefined();
    expect(refusal({ a: null }, { a: 'string' })).toBe(
      "The option 'a' of f() takes a string, not null.",
    );
  });

  test('has what its check wants', () => {
    const even = (value: unknown) => (Number(value) % 2 === 0 ? undefined : 'an even number');
    expect(refusal({ a: 4 }, { a: even })).toBeUndefined();
    expect(refusal({ a: 5 }, { a: even })).toBe(
      "The option 'a' of f() takes an even number, not 5.",
    );
  });
});

test.each([
  ['text', '"text"'],
  ['x'.repeat(70), `"${'x'.repeat(60)}…"`],
  [[1], 'an array'],
  [{}, 'an object'],
  [null, 'null'],
  [undefined, 'undefined'],
  [() => {}, 'a function'],
  [1n, '1'],
  [Symbol('s'), 'Symbol(s)'],
  [Number.NaN, 'NaN'],
])('%o is shown as %s', (value, text) => {
  expect(show(value)).toBe(text);
});
