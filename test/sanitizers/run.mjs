// npm run test:asan, npm run test:ubsan [-- --short | paths of test files]
//
// Builds the addon with a sanitizer, shows that it finds faults that are there, runs the native unit tests and the
// integration and lifecycle tests with it, and fails where a test or a report of the sanitizer does. `--short` takes
// those tests that do most in native code. Linux and gcc.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { runVitest } from '../vitest.mjs';
import { frames, readFaults, takeUnfinished } from './reports.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const [name, ...chosen] = process.argv.slice(2);
const folder = path.join(root, 'build', name);
const reports = path.join(folder, 'reports');
const unchecked = path.join(folder, 'unchecked');
const addons = path.join(folder, 'build', 'Release');
const short = [
  ...['cancellation', 'close', 'concurrency', 'opaque', 'request-body', 'response-body'],
  ...['send-file', 'sending-headers-behind-next', 'swap', 'values', 'websocket'],
].map((file) => `test/integration/${file}.test.ts`);
short.push(
  ...['children', 'crossing', 'failed-start', 'unhandled', 'worker-starts', 'workers'].map(
    (file) => `test/lifecycle/${file}.test.ts`,
  ),
);
const tests =
  chosen[0] === '--short'
    ? short
    : chosen.length > 0
      ? chosen
      : ['test/integration', 'test/lifecycle'];

const common = [
  `log_path=${path.join(reports, 'report')}`,
  // Naming the frames of node and libcoreclr takes 20 s a process. What is ours is named at the end, once.
  'symbolize=0',
];
const sanitizers = {
  asan: {
    flags: 'address',
    faults: ['leak', 'overflow'],
    env: {
      // The addon comes into a Node that was built without it, so the library must be there before.
      LD_PRELOAD: output('gcc', '-print-file-name=libasan.so'),
      ASAN_OPTIONS: [
        ...common,
        'detect_leaks=1',
        // To name the module of a frame may take another look at all that is mapped: with 8 frames an allocation the
        // check of a process that has had ASP.NET Core takes 13 s of CPU, with 6 it takes 4 s. Whose a leak is, 6
        // tell: the library's own, those of Node-API, and ours.
        'malloc_context_size=6',
        // Faults of managed code and of wasm are the CLR's and V8's to handle: they are no errors.
        ...['segv', 'sigbus', 'sigfpe', 'sigill'].map((signal) => `handle_${signal}=0`),
        // libcoreclr deletes what it has got from malloc.
        'alloc_dealloc_mismatch=0',
        // Else LeakSanitizer takes what lies before a block of thread-local storage at a certain place of its page for
        // where the block is, and falls over it, in one of four processes. What is in such blocks it finds all the same.
        'intercept_tls_get_addr=0',
        // The CLR gives its threads signal stacks of its own.
        'use_sigaltstack=0',
      ].join(':'),
      // Whether a leak is ours, reports.mjs decides; the exit codes are the tests'.
      LSAN_OPTIONS: 'exitcode=0',
    },
  },
  ubsan: {
    flags: 'undefined',
    faults: ['undefined'],
    env: { UBSAN_OPTIONS: [...common, 'print_stacktrace=1'].join(':') },
  },
};
const { flags, faults, env } = sanitizers[name];
const environment = {
  ...process.env,
  // node-gyp-build loads the addon from here.
  OWIN_PREBUILD: folder,
  OWIN_SANITIZER: name,
  OWIN_SANITIZER_UNCHECKED: unchecked,
  OWIN_SANITIZER_PROBE: path.join(addons, 'owin_probe.node'),
};

const withoutLeakCheck = { ...env, ASAN_OPTIONS: `${env.ASAN_OPTIONS}:detect_leaks=0` };

const failed = [];
if (build() && findsFaults()) {
  clear(reports);
  step(
    'native tests',
    run(['ctest', '--test-dir', path.join(folder, 'cmake'), '--output-on-failure']),
  );
  step('tests', runTests());
  step('reports', noFaults());
}
console.log(failed.length > 0 ? `${name}: failed: ${failed.join(', ')}` : `${name}: nothing found`);
process.exitCode = failed.length > 0 ? 1 : 0;

function step(what, ok) {
  if (!ok) failed.push(what);
  return ok;
}

function build() {
  const cmake = path.join(folder, 'cmake');
  const options = [
    '-DOWIN_TESTS=ON',
    `-DOWIN_SANITIZE=${flags}`,
    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
    `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${addons}`,
  ];
  return step(
    'build',
    run(['cmake', '-S', '.', '-B', cmake, '-Wno-dev', ...options]) &&
      run(['cmake', '--build', cmake, '--parallel', String(availableParallelism())]),
  );
}

/** A run that finds nothing is worth something only where it would find what is there. */
function findsFaults() {
  return faults.every((fault) => {
    clear(reports);
    run([process.execPath, 'test/sanitizers/probe.mjs', fault], { ...environment, ...env });
    const found = readFaults(reports).some((text) => text.includes('owin_probe.node'));
    console.log(`a planted fault (${fault}) is ${found ? 'found' : 'NOT found'}`);
    return step(`planted ${fault}`, found);
  });
}

/** What LeakSanitizer cut short runs once more; where it does so again, without it: nothing is said of leaks there. */
function runTests() {
  let files = tests.flatMap(testFiles);
  for (const withAddon of [env, env, withoutLeakCheck]) {
    clear(unchecked);
    const { ok, passed } = runFiles(files, withAddon);
    const unfinished = takeUnfinished(reports);
    if (unfinished === 0) return ok;
    for (const name of readdirSync(unchecked))
      passed.delete(readFileSync(path.join(unchecked, name), 'utf8'));
    files = files.filter((file) => !passed.has(path.join(root, file)));
    console.log(`LeakSanitizer gave up in ${unfinished} processes; once more: ${files.join(', ')}`);
    if (files.length === 0) return true;
  }
  return false;
}

/** With that in the environment of processes that load the addon: see environment.ts. */
function runFiles(files, withAddon) {
  const report = path.join(folder, 'vitest.json');
  const { failures, unsteady, passedFiles } = runVitest(report, {
    files,
    env: { ...environment, OWIN_SANITIZER_ENVIRONMENT: JSON.stringify(withAddon) },
  });
  for (const name of unsteady) console.log(`passed only when it ran once more: ${name}`);
  for (const name of failures) console.log(`failed: ${name}`);
  return { ok: failures.length === 0, passed: passedFiles };
}

/** The test files that a path names. */
function testFiles(name) {
  if (name.endsWith('.ts')) return [name];
  const files = readdirSync(path.join(root, name), { recursive: true });
  return files.filter((file) => file.endsWith('.test.ts')).map((file) => path.join(name, file));
}

function noFaults() {
  const found = readFaults(reports);
  for (const fault of new Set(found.map(named))) console.error(`\n${fault}`);
  console.log(`${readdirSync(reports).length} processes have reported, ${found.length} faults`);
  return found.length === 0;
}

/** The report with the names of functions in our addons. */
function named(report) {
  let text = report;
  for (const { module, offset } of frames(report).filter(({ module }) => module.startsWith(root))) {
    const names = output('addr2line', '-Cfpise', module, offset);
    text = text.replace(`(${module}+${offset})`, `${names} (${path.basename(module)}+${offset})`);
  }
  return text;
}

function clear(directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
}

function run([command, ...args], env = process.env) {
  console.log(`> ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  if (error) console.error(error.message);
  return status === 0;
}

function output(command, ...args) {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim() ?? '';
}
