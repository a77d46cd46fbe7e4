// Run by vitest: `npx vitest run`, with `pool: 'forks'`.
import path from 'node:path';
import owin from 'owin';
import { afterAll, expect, test } from 'vitest';

const handler = owin(path.join(import.meta.dirname, 'Shop.cs'));
afterAll(() => handler.close());

test('an order is taken', async () => {
  const response = await handler.fetch('/orders', { method: 'POST', body: 'two teas' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('POST below : two teas\n');
});

test('nothing else is there', async () => {
  expect((await handler.fetch('/')).status).toBe(404);
});
