import { expect, test } from 'vitest';
import { slowdown } from '../sanitizers/slowdown.ts';
import { run } from './child.ts';

test('a call in flight keeps the process until it has its result', async () => {
  const child = run('functions.mjs', 'by-itself');
  expect(await child.next()).toBe(42);
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test.each([
  ['exit', 7, /^$/],
  ['throw', 1, /on purpose/],
])('a process ends by %s with calls that block, wait and are queued', async (how, code, said) => {
  const child = run('functions.mjs', how);
  expect(await child.exit()).toMatchObject({ code, signal: null });
  expect(child.stderr).toMatch(said);
});

// Threads of functions have a lower priority: on a busy machine they may wait for long.
test('workers end with calls in flight, and functions go on elsewhere', {
  timeout: 60_000 * slowdown,
}, async () => {
  const child = run('functions.mjs', 'workers');
  expect(await child.next()).toBe(42);
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test('a call that waits when its worker ends takes no thread', async () => {
  const child = run('functions.mjs', 'queued');
  expect(await child.next()).toBe(42);
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test('a function of a worker that has been terminated fails by name, and its signal is cancelled', async () => {
  const child = run('functions.mjs', 'kept');
  expect(await child.next()).toBe(2);
  expect(await child.next()).toBe('ERR_OWIN_FUNCTION_GONE');
  expect(await child.next()).toEqual([
    'OwinError',
    'ERR_OWIN_FUNCTION_GONE',
    'The JavaScript environment that gave this function is over.',
  ]);
  expect(await child.next()).toEqual(['System.AggregateException', 'ERR_OWIN_FUNCTION_GONE']);
  expect(await child.next()).toBe(42);
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test('no kind of call leaves anything on the .NET heap', {
  timeout: 120_000 * slowdown,
}, async () => {
  const none = 100;
  const child = run('functions-memory.mjs', '1000', `${none}`);
  const leaves = Object.entries(await child.next<Record<string, number>>());
  expect(leaves).toHaveLength(17);
  expect(leaves.filter(([, bytes]) => bytes >= none)).toEqual([]);
  expect(child.stderr).toBe('');
});
