// Both build files make the addon from native/sources.gypi; either serves.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { run } from '../lifecycle/child.ts';

const root = path.resolve(import.meta.dirname, '../..');

beforeAll(() => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build:cmake-js'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
}, 300_000);

test.each([
  ['binding.gyp', root],
  ['CMakeLists.txt', path.join(root, 'build/cmake-js')],
])('the addon that %s builds answers a request by .NET', async (_, folder) => {
  const before = process.env['OWIN_PREBUILD'];
  process.env['OWIN_PREBUILD'] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env['OWIN_PREBUILD'];
    else process.env['OWIN_PREBUILD'] = before;
  });
  const child = run('smoke.mjs');
  expect(await child.next()).toEqual({
    answer: '<p>Hello, world from .NET!</p>',
    addons: [path.join(folder, 'build/Release/owin.node')],
    state: 'running',
  });
  expect(await child.exit()).toMatchObject({ code: 0 });
  expect(child.stderr).toBe('');
});
