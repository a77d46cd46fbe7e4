import { expect, test } from 'vitest';
import { nextFree } from '../../../src/hosting/numbers.ts';

const LARGEST = 2 ** 31 - 1;

test('numbers follow one another', () => {
  expect([0, 1, LARGEST - 1].map((last) => nextFree(last, new Set()))).toEqual([1, 2, LARGEST]);
});

test('after the largest they begin anew, past those that are taken', () => {
  expect(nextFree(LARGEST, new Set())).toBe(1);
  expect(
    nextFree(LARGEST - 2, new Map([LARGEST - 1, LARGEST, 1, 2].map((each) => [each, '']))),
  ).toBe(3);
});
