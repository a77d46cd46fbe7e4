import { expect, test } from 'vitest';
import { ValueBytes } from '../../../src/functions/value-bytes.ts';

test('room for a large value is not kept for the next ones', () => {
  const bytes = new ValueBytes();
  bytes.raw(new Uint8Array(1_000_000));
  expect(bytes.take(false)).toHaveLength(1_000_000);
  bytes.tag(1);
  const next = bytes.take(false);
  expect(next).toEqual(Buffer.from([1]));
  expect(next.buffer.byteLength).toBeLessThanOrEqual(64 * 1024);
});
