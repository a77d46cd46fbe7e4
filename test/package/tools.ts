import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, 'tools');

const tools = {
  jest: 'jest/bin/jest.js',
  bun: '@oven/bun-linux-x64/bin/bun',
  deno: '@deno/linux-x64-glibc/deno',
};

/** Path of a program of tools/package.json; undefined where it has none for this platform. */
export function tool(name: keyof typeof tools): string | undefined {
  const file = path.join(folder, 'node_modules', tools[name]);
  if (!existsSync(path.join(folder, 'node_modules')))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  return existsSync(file) ? file : undefined;
}
