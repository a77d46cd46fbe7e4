// npm run test:node [-- --short] [-- 22 24 26] [-- paths of test files]
//
// Runs the tests that go through the built package in other versions of Node than the one that runs this: in those
// named, default all of package.json here. `--short` takes those tests that touch most of what versions disagree about:
// responses, request bodies, sockets, and what .NET shares the process with. Linux x64.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runVitest } from '../vitest.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const reports = path.join(root, 'build/test');

const all = ['test/integration', 'test/lifecycle', 'test/src', 'test/cli'];
const short = [
  ...[
    'aspnetcore-bodies',
    'buffering',
    'close',
    'cryptography',
    'fetch',
    'func-calls',
    'http2',
    'response-body',
  ],
  ...['response-framing', 'send-file', 'sql', 'tls', 'trailers', 'websocket', 'worker'],
].map((name) => `test/integration/${name}.test.ts`);
short.push(...['protection', 'workers'].map((name) => `test/lifecycle/${name}.test.ts`));

const args = process.argv.slice(2);
const versions = args.filter((arg) => /^\d+$/.test(arg));
const files = args.filter((arg) => arg.endsWith('.ts'));
const unknown = args.filter((arg) => ![...versions, ...files, '--short'].includes(arg));
if (unknown.length > 0) throw new Error(`What is ${unknown.join(', ')}?`);

install();
mkdirSync(reports, { recursive: true });
let failed = 0;
for (const version of versions.length > 0 ? versions : installable()) failed += run(version);
process.exitCode = failed > 0 ? 1 : 0;

function installable() {
  const { optionalDependencies } = JSON.parse(
    readFileSync(path.join(here, 'package.json'), 'utf8'),
  );
  return Object.keys(optionalDependencies).map((name) => name.slice('node'.length));
}

function install() {
  if (existsSync(path.join(here, 'node_modules'))) return;
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: here,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm could not install the versions of Node.');
}

/** Answers how many tests failed. */
function run(version) {
  const folder = path.join(here, `node_modules/node${version}/bin`);
  if (!existsSync(folder)) throw new Error(`There is no Node ${version} in ${folder}.`);
  const env = { ...process.env, PATH: `${folder}${path.delimiter}${process.env.PATH}` };
  const { total, passed, failures, unsteady } = runVitest(
    path.join(reports, `node${version}.json`),
    { files: files.length > 0 ? files : args.includes('--short') ? short : all, env },
  );
  for (const name of unsteady) console.log(`passed only when it ran once more: ${name}`);
  for (const name of failures) console.log(`failed: ${name}`);
  const count = total === 0 ? 1 : failures.length;
  console.log(`Node ${version}: ${passed} passed, ${count} failed`);
  return count;
}
