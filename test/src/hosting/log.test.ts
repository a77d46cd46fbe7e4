import { expect, test } from 'vitest';
import { deliver, type LogEntry } from '../../../src/hosting/log.ts';

function delivered(fields: string[]): LogEntry[] {
  const entries: LogEntry[] = [];
  deliver((entry) => entries.push(entry), fields);
  return entries;
}

test('entries come in their order, those with an error with it', () => {
  const error = ['System.Exception', 'failed'];
  const entries = delivered(['0', 'info', 'a', 'one', '0', 'error', 'b', 'two', '2', ...error]);
  expect(entries).toMatchObject([
    { level: 'info', category: 'a', message: 'one' },
    { level: 'error', category: 'b', message: 'two' },
  ]);
  expect(entries[1]?.exception).toBeInstanceOf(Error);
});

test('scopes are those of the entry behind them', () => {
  const scopes = ['scope', 'a', 'outer', '0', 'scope', 'a', 'inner', '0'];
  const entries = delivered(['0', ...scopes, 'info', 'a', 'one', '0', 'info', 'a', 'two', '0']);
  expect(entries).toEqual([
    { level: 'info', category: 'a', message: 'one', scopes: ['outer', 'inner'] },
    { level: 'info', category: 'a', message: 'two' },
  ]);
});

test.each(['-4', '-1', 'NaN', 'many'])('an entry of %s fields ends the frame', (count) => {
  expect(delivered(['0', 'info', 'a', 'one', '0', 'info', 'a', 'two', count, 'x'])).toHaveLength(1);
});
