import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const tools = {
  jest: 'jest/bin/jest.js',
  bun: '@oven/bun-linux-x64/bin/bun',
  deno: '@deno/linux-x64-glibc/deno',
};

/** Path of a program of tools/package.json; undefined where it has none for this platform. */
export function tool(name: keyof typeof tools): string | undefined {
  const file = path.join(installed('tools'), tools[name]);
  return existsSync(file) ? file : undefined;
}

/** The node_modules of a folder here, which is installed when there are none. */
export function installed(name: 'tools' | 'generators'): string {
  const folder = path.join(import.meta.dirname, name);
  const modules = path.join(folder, 'node_modules');
  if (!existsSync(modules))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  return modules;
}
