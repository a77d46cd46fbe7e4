// examples/frameworks: the same C# file in each framework, over a socket where it has a server.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Handler } from 'owin';
import { expect, onTestFinished, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const folder = path.join(root, 'build/test/frameworks');
rmSync(folder, { recursive: true, force: true });
cpSync(path.join(root, 'examples/frameworks'), folder, { recursive: true });

/** Starts an example; gives its base url. */
async function start(file: string): Promise<string> {
  const child = spawn(process.execPath, [path.join(folder, file)], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  await expect.poll(() => said, { timeout: 60_000 }).toMatch(/^http:.*\n/);
  return said.trim().replace('[::1]', 'localhost').replace('127.0.0.1', 'localhost');
}

const order = { method: 'POST', body: 'two teas', headers: { 'Content-Type': 'application/json' } };
const text = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

test.each([
  ['fastify.mjs', '/shop/orders', '/shop', '/shop/js', 'from fastify\n'],
  ['fastify.mjs', '/orders', '', '/shop/js', 'from fastify\n'],
  ['koa.mjs', '/orders', '', '/js', 'from koa\n'],
  ['hono.mjs', '/shop/orders', '', '/js', 'from hono\n'],
  ['hono.mjs', '/orders', '', '/js', 'from hono\n'],
  ['nest.mjs', '/shop/orders', '/shop', '/shop/js', 'from Nest\n'],
])(
  '%s takes %s, and goes on with JavaScript',
  async (file, target, base, behind, answer) => {
    const url = await start(file);
    expect(await text(url + target, order)).toBe(`POST below ${base}: two teas\n`);
    expect(await text(url + behind)).toBe(answer);
  },
  120_000,
);

test('a route handler of Next.js takes what Next.js gives it', async () => {
  const route = await import(path.join(folder, 'next/app/orders/route.mjs'));
  onTestFinished(() => (globalThis as unknown as { shop: Handler }).shop.close());
  const request = new Request('http://localhost:3000/orders', order);
  const response: Response = await route.POST(request, { params: Promise.resolve({}) });
  expect(await response.text()).toBe('POST below : two teas\n');
});

test('vitest runs the tests of an app', async () => {
  writeFileSync(
    path.join(folder, 'vitest.config.mjs'),
    "export default { test: { pool: 'forks' } };\n",
  );
  const program = path.join(root, 'node_modules/vitest/vitest.mjs');
  const run = await promisify(execFile)(process.execPath, [program, 'run', '--root', folder], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(run.stdout).toMatch(/Tests +2 passed/);
}, 60_000);
