// Others in the process that use .NET: node-api-dotnet, or a second copy of this package.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from './child.ts';

test('a CLR that node-api-dotnet has started is joined, and both go on', async () => {
  const child = run('node-api-dotnet.mjs', 'node-api-dotnet');
  expect(await child.next()).toEqual({ other: 'of/node-api-dotnet' });
  expect(await child.next()).toEqual({
    own: expect.stringContaining('Hello'),
    info: expect.objectContaining({ state: 'running', owner: 'joined' }),
    again: 'of/node-api-dotnet',
  });
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test('node-api-dotnet refuses a CLR that owin has started, and owin goes on', async () => {
  const child = run('node-api-dotnet.mjs', 'owin');
  const refused = { message: expect.stringContaining('Failed to initialize CLR host') };
  expect(await child.next()).toEqual({ own: expect.stringContaining('Hello') });
  expect(await child.next()).toEqual({ other: refused });
  expect(await child.next()).toEqual({
    own: expect.stringContaining('Hello'),
    info: expect.objectContaining({ state: 'running', owner: 'owin' }),
    again: refused,
  });
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});

test('of two copies of the package the second gets one clear error, and the first goes on', async () => {
  const copies = mkdtempSync(path.join(tmpdir(), 'owin-copies-'));
  onTestFinished(() => rmSync(copies, { recursive: true }));
  const addon = path.join('build', 'Release', 'owin.node');
  for (const copy of ['one', 'two']) {
    for (const part of ['dist', 'package.json'])
      cpSync(part, path.join(copies, copy, part), { recursive: true });
    cpSync(path.join(process.env['OWIN_PREBUILD'] ?? '', addon), path.join(copies, copy, addon));
  }
  symlinkSync(path.resolve('node_modules'), path.join(copies, 'node_modules'));

  const [one, two] = [path.join(copies, 'one'), path.join(copies, 'two')];
  const child = run('two-copies.mjs', one, two, one);
  expect(await child.next()).toEqual({ status: 200 });
  expect(await child.next()).toEqual({
    status: 500,
    code: 'ERR_OWIN_RUNTIME_START',
    message: expect.stringContaining('Another copy of this package has started .NET'),
  });
  expect(await child.next()).toEqual({ status: 200 });
  expect(await child.exit()).toMatchObject({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});
