import { describe, expect, test } from 'vitest';
import { checkConfiguration, flatten } from '../../../src/hosting/configuration.ts';

describe('a configuration becomes keys and texts', () => {
  test.each([
    [{}, []],
    [{ A: 'b' }, ['A', 'b']],
    [{ A: { B: { C: 1.5 } }, 'D:E': 2n }, ['A:B:C', '1.5', 'D:E', '2']],
    [{ yes: true, no: false, nothing: null }, ['yes', 'True', 'no', 'False', 'nothing', '']],
    [{ list: ['a', { b: 'c' }] }, ['list:0', 'a', 'list:1:b', 'c']],
    [{ left: undefined, at: new Date(0) }, ['at', '1970-01-01T00:00:00.000Z']],
  ])('%o', (configuration, texts) => {
    expect(flatten(configuration)).toEqual(texts);
  });
});

describe('what is none is refused', () => {
  const cycle: Record<string, unknown> = {};
  cycle['a'] = { b: cycle };

  test.each([
    ['x', 'an object'],
    [[], 'an object'],
    [{ a: { f: () => 0 } }, '(a:f is a function)'],
    [{ a: Symbol('s') }, '(a is Symbol(s))'],
    [cycle, '(a:b is within itself)'],
  ])('%o', (value, message) => {
    expect(checkConfiguration(value)).toContain(message);
  });
});
