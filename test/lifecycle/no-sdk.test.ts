import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from './child.ts';

const installed =
  process.env['DOTNET_ROOT'] ??
  path.dirname(
    realpathSync(
      process.env['PATH']!.split(path.delimiter)
        .map((folder) => path.join(folder, 'dotnet'))
        .find((file) => existsSync(file))!,
    ),
  );

test('source on a machine without an SDK: an error that says so, with the places', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'owin-runtime-only-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const name of ['host', 'shared'])
    symlinkSync(path.join(installed, name), path.join(root, name));
  const child = run('no-sdk.mjs', root);
  const { code, message } = await child.next();
  expect(code).toBe('ERR_OWIN_SDK_NOT_FOUND');
  expect(message).toContain('needs the .NET SDK');
  expect(message).toContain(path.join(root, 'sdk'));
  expect(message).toContain(path.join(root, '.dotnet', 'sdk'));
  expect(await child.exit()).toMatchObject({ code: 0 });
});
