// Runs a command that runs node-gyp, and tells it of the C headers that came with this Node, where they did:
// nothing is downloaded then.
//   node native/with-headers.mjs node-gyp configure build
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [command, ...args] = process.argv.slice(2);
const prefix = dirname(dirname(process.execPath));
const env = { JOBS: 'max', ...process.env };
if (hasHeaders(prefix)) env.npm_config_nodedir ??= prefix;

const { status, error } = spawnSync(command, args, {
  env,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (error) throw error;
process.exitCode = status ?? 1;

function hasHeaders(prefix) {
  const file = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  const part = (name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1];
  return ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.') === process.versions.node;
}
