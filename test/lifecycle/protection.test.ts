import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { get, serving } from './child.ts';

function dataFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin-data-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('what was protected is understood after a restart, and by nobody with other keys', async () => {
  const folder = dataFolder();
  const first = await serving('protection.mjs', folder);
  const data = await get(`${first.url}/protect`);
  first.process.kill('SIGKILL');
  await first.exit();

  const second = await serving('protection.mjs', folder);
  expect(await get(`${second.url}/unprotect?data=${data}`)).toBe('secret');
  const file = path.join(folder, 'owin', 'data-protection.key');
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  expect(fs.readdirSync(path.dirname(file))).toEqual(['data-protection.key']);

  const other = await serving('protection.mjs', dataFolder());
  expect(await get(`${other.url}/unprotect?data=${data}`)).not.toBe('secret');
});

test('processes that start together agree on one key', async () => {
  const folder = dataFolder();
  const children = await Promise.all(
    Array.from({ length: 3 }, () => serving('protection.mjs', folder)),
  );
  const protectedBy = await Promise.all(children.map(({ url }) => get(`${url}/protect`)));
  for (const { url } of children)
    for (const data of protectedBy)
      expect(await get(`${url}/unprotect?data=${data}`)).toBe('secret');
});

test('a key that cannot be kept is the process’s own, which is said', async () => {
  const folder = path.join(dataFolder(), 'file');
  fs.writeFileSync(folder, '');
  const child = await serving('protection.mjs', folder);
  const data = await get(`${child.url}/protect`);
  expect(await get(`${child.url}/unprotect?data=${data}`)).toBe('secret');
  expect(child.stderr).toContain('will not be understood after a restart');
});
