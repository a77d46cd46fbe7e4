// The examples that have no file of their own here.
import { spawn } from 'node:child_process';
import { pbkdf2Sync } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const examples = path.join(root, 'examples');

/** Starts a copy of an example, in the clone so that it finds `owin` and `express` by name. */
async function start(name: string) {
  const folder = path.join(root, 'build/test/examples', name);
  rmSync(folder, { recursive: true, force: true });
  const filter = (file: string) => !/^(bin|obj)$/.test(path.basename(file));
  cpSync(path.join(examples, name), folder, { recursive: true, filter });
  const child = spawn(process.execPath, [path.join(folder, 'server.mjs')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  await expect.poll(() => said.stdout, { timeout: 60_000 }).toMatch(/^http:.*\n/);
  const base = (said.stdout.split('\n')[0] as string).replace(/\/$/, '');
  const get = (target: string, headers = {}) => fetch(base + target, { headers });
  return { folder, get, said };
}

test('each has a README, which that of the package links to', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  for (const name of readdirSync(examples)) {
    expect(existsSync(path.join(examples, name, 'README.md'))).toBe(true);
    expect(readme).toContain(`](examples/${name}/README.md)`);
  }
});

test('single-file answers, and a changed line at the next request', async () => {
  const { folder, get, said } = await start('single-file');
  expect(await (await get('/')).text()).toMatch(/^Visit 1\. /);
  expect(await (await get('/')).text()).toMatch(/^Visit 2\. /);
  const file = path.join(folder, 'Startup.cs');
  writeFileSync(file, readFileSync(file, 'utf8').replace('Visit {', 'Changed {'));
  await expect.poll(() => said.stdout, { timeout: 60_000 }).toContain('Loaded anew\n');
  expect(await (await get('/')).text()).toMatch(/^Changed 1\. /);
}, 180_000);

test('middleware stops who has no key, and times what is behind it', async () => {
  const { get } = await start('middleware');
  const through = await get('/');
  expect(await through.text()).toBe('Hello from JavaScript, through .NET.\n');
  expect(through.headers.get('server-timing')).toMatch(/^behind;dur=\d+$/);
  expect((await get('/private')).status).toBe(401);
  expect(await (await get('/private', { 'X-Key': 'any' })).text()).toBe('You have a key.\n');
}, 180_000);

test('app-builder is built, answers, and goes on with JavaScript', async () => {
  const { get } = await start('app-builder');
  const prices = await get('/prices');
  expect(await prices.text()).toBe('Tea 2 EUR, coffee 3 EUR\n');
  const behind = await get('/');
  expect(await behind.text()).toBe('The end of the pipeline goes on with JavaScript.\n');
  for (const { headers } of [prices, behind]) expect(headers.get('x-shop')).toBe('open');
}, 300_000);

test('aspnetcore-in-express is built, serves its endpoints, and leaves the rest to express', async () => {
  const { get, said } = await start('aspnetcore-in-express');
  expect(await (await get('/shop')).text()).toBe('Hello from Node, welcome to the shop');
  expect(await (await get('/shop/orders')).json()).toEqual([]);
  expect(await (await get('/shop/legacy')).text()).toBe('still in JavaScript');
  expect(said.stderr).not.toMatch(/error/i);
}, 300_000);

test('fsharp is built and answers', async () => {
  const { get } = await start('fsharp');
  expect(await (await get('/')).text()).toBe('30! is 265252859812191058636308480000000, says F#\n');
}, 300_000);

test('cpu-worker hashes in .NET, and says how many', async () => {
  const { get } = await start('cpu-worker');
  const answers = await Promise.all([1, 2, 3].map(() => get('/hash?password=secret')));
  for (const answer of answers) {
    const { salt, hashed } = (await answer.json()) as { salt: string; hashed: string };
    expect(hashed).toBe(
      pbkdf2Sync('secret', Buffer.from(salt, 'hex'), 200_000, 32, 'sha256').toString('hex'),
    );
  }
  expect(await (await get('/stats')).json()).toEqual({ queued: 0, running: 0, done: 3 });
}, 180_000);

test('sql answers from a table, by a parameter and row by row', async () => {
  const { get } = await start('sql');
  expect(await (await get('/average?sensor=door')).json()).toEqual({ count: 5000, average: 500 });
  expect(await (await get("/average?sensor=' OR 1 --")).json()).toEqual({
    count: 0,
    average: null,
  });
  const lines = (await (await get('/all')).text()).trimEnd().split('\n');
  expect(lines.length).toBe(10_000);
  expect(JSON.parse(lines[9_999] as string)).toEqual({ id: 10_000, sensor: 'door', value: 999.9 });
}, 180_000);

test('strangler answers each route where it has moved to', async () => {
  const { get } = await start('strangler');
  const answer = async (target: string) => (await get(target)).json();
  expect(await answer('/prices')).toEqual({ tea: 2, coffee: 3 });
  expect(await answer('/orders/7')).toEqual({ id: 7, from: '.NET' });
  expect(await answer('/customers/7')).toEqual({ id: '7', from: 'JavaScript' });
  expect(await answer('/new')).toEqual({ from: 'JavaScript, in front' });
  const nowhere = await get('/nowhere');
  expect([nowhere.status, await nowhere.text()]).toEqual([
    404,
    expect.stringContaining('Cannot GET'),
  ]);
}, 300_000);
