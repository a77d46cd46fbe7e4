// What gives the free memory of a process back to the system, so that its private memory is what it holds.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Builds the addon of trim.c with the system's C compiler, for glibc; its path. */
export function buildTrim() {
  const addon = path.join(root, 'build', 'trim', 'trim.node');
  mkdirSync(path.dirname(addon), { recursive: true });
  execFileSync('cc', [
    ...['-shared', '-fPIC', '-I', path.join(root, 'node_modules/node-api-headers/include')],
    ...['-o', addon, path.join(root, 'test/support/trim.c')],
  ]);
  return addon;
}
