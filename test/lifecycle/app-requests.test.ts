import { expect, test } from 'vitest';
import { run } from './child.ts';

test('nothing is kept of requests by node.HttpMessageHandler that are over', async () => {
  const child = run('app-requests.mjs');
  const kinds = ['whole', 'echo', 'parts', 'unread', 'dropped', 'cut', 'never', 'kept'];
  expect(await child.next()).toEqual(Object.fromEntries(kinds.map((kind) => [kind, 0])));
});
