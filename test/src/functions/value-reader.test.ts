import { describe, expect, test } from 'vitest';
import { readValue } from '../../../src/functions/value-reader.ts';
import { writeValue } from '../../../src/functions/value-writer.ts';
import { ValueTag } from '../../../src/functions/values.ts';

const value = {
  text: 'é\u{1f3b7}',
  list: [1, -1.5, null, true, 2 ** 40],
  bytes: Buffer.from([0, 255]),
  nested: { date: new Date(5), empty: {} },
};
const written = writeValue(value, 'value');

const outcome = (bytes: Buffer): unknown => {
  try {
    return readValue(bytes);
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('readValue', () => {
  test('reads what was written', () => {
    expect(readValue(written)).toEqual(value);
  });

  test('refuses a value that is cut short anywhere', () => {
    for (let end = 0; end < written.length; end++)
      expect(outcome(written.subarray(0, end)), `${end} bytes`).toBe('ERR_OWIN_PROTOCOL');
  });

  test('comes to an end with any byte damaged', () => {
    for (let at = 0; at < written.length; at++)
      for (const damage of [0x80, 0xff, 1]) {
        const bytes = Buffer.from(written);
        bytes[at] = (bytes[at] as number) ^ damage;
        outcome(bytes);
      }
  });

  test.each([
    ['a negative length', ValueTag.string, -6],
    ['a length beyond the end', ValueTag.bytes, 1_000_000],
    ['a count beyond the end', ValueTag.list, 2 ** 31 - 1],
    ['an unknown kind', 200, 0],
  ])('refuses %s', (_, tag, length) => {
    const bytes = Buffer.alloc(9);
    bytes[0] = tag;
    bytes.writeInt32LE(length, 1);
    // What follows is no value either.
    bytes.fill(99, 5);
    expect(outcome(bytes)).toBe('ERR_OWIN_PROTOCOL');
  });

  test('refuses lists without end in each other', () => {
    expect(outcome(Buffer.alloc(5_000_000, Buffer.from([ValueTag.list, 1, 0, 0, 0])))).toBe(
      'ERR_OWIN_PROTOCOL',
    );
  });
});
