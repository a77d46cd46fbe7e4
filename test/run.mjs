// npm test [-- vitest dotnet native]
//
// Builds what is stale, runs the tests of the three languages (or of those named), and ends with one line,
// `N passed, N failed`, over all of them. A test that was skipped counts as failed, and so does a runner
// that ran none; test/vitest.mjs says when a test runs once more. Without cmake or GoogleTest the native tests are left
// out, except where CI is set.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { runVitest } from './vitest.mjs';

const root = dirname(import.meta.dirname);
const reports = join(root, 'build', 'test');
const dotnetTests = 'test/dotnet/Owin.Host.Tests';
const quiet = ['-c', 'Release', '--nologo', '-v', 'q', '-clp:NoSummary'];

const runners = { native: runNative, dotnet: runDotnet, vitest };

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in runners));
if (unknown)
  throw new Error(`No runner '${unknown}'; there are: ${Object.keys(runners).join(', ')}`);

const results = build() ? runAll() : [{ name: 'build', passed: 0, failed: 1 }];
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
for (const { name, failures = [] } of results)
  for (const failure of failures) console.log(`${name} failed: ${failure}`);
for (const { name, passed, failed, note } of results)
  console.log(`${name}: ${note ?? `${passed} passed, ${failed} failed`}`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
if (sum('failed') > 0) process.exitCode = 1;

function build() {
  return [
    ['npm', 'run', 'build'],
    ['dotnet', 'build', dotnetTests, ...quiet],
    ['dotnet', 'build', 'examples/hello/OwinHelloWorld', ...quiet],
  ].every((command) => run(...command));
}

function runAll() {
  mkdirSync(reports, { recursive: true });
  const names = chosen.length > 0 ? chosen : Object.keys(runners);
  return names.map((name) => ({ name, ...runners[name]() }));
}

function vitest() {
  const { total, passed, failures, unsteady } = runVitest(report('vitest.json'));
  for (const name of unsteady) console.log(`passed only when it ran once more: ${name}`);
  return { passed, failed: total === 0 ? 1 : failures.length, failures };
}

function runDotnet() {
  const file = report('dotnet.trx');
  const logger = ['--logger', `trx;LogFileName=${file}`, '--logger', 'console;verbosity=minimal'];
  const ok = run('dotnet', 'test', dotnetTests, '-c', 'Release', '--no-build', ...logger);
  return tally(ok, file, (text) => {
    const counters = text.match(/<Counters [^>]*>/)[0];
    const failures = named(text, /<UnitTestResult [^>]*outcome="Failed"[^>]*>/g, 'testName');
    return [attribute(counters, 'total'), attribute(counters, 'passed'), failures];
  });
}

function runNative() {
  const folder = join('build', 'cmake');
  if (!run('cmake', '-S', '.', '-B', folder, '-DOWIN_TESTS=ON', '-Wno-dev')) {
    const missing = { passed: 0, failed: 0, note: 'not run, cmake or GoogleTest is missing' };
    return process.env.CI ? { passed: 0, failed: 1 } : missing;
  }
  const file = report('native.xml');
  const ok =
    run('cmake', '--build', folder, '--parallel', String(availableParallelism())) &&
    run('ctest', '--test-dir', folder, '--output-on-failure', '--output-junit', file);
  return tally(ok, file, (text) => {
    const suite = text.match(/<testsuite [^>]*>/)[0];
    const total = attribute(suite, 'tests');
    const others = ['failures', 'skipped', 'disabled'].map((name) => attribute(suite, name));
    const failures = named(text, /<testcase [^>]*status="fail"[^>]*>/g, 'name');
    return [total, total - others.reduce((sum, count) => sum + count), failures];
  });
}

/** What a runner's report says; `ok` is what its exit code said. */
function tally(ok, file, read) {
  try {
    const [total, passed, failures] = read(readFileSync(file, 'utf8'));
    const failed = total - passed;
    return { passed, failed: failed === 0 && (!ok || total === 0) ? 1 : failed, failures };
  } catch (error) {
    console.error(`No report: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

function report(name) {
  const file = join(reports, name);
  rmSync(file, { force: true });
  return file;
}

function attribute(element, name) {
  return Number(element.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
}

/** The names of the elements that are found. */
function named(text, elements, name) {
  return (text.match(elements) ?? []).map((each) => each.match(`\\b${name}="([^"]*)"`)[1]);
}

function run(command, ...args) {
  console.log(`> ${[command, ...args].join(' ')}`);
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell });
  if (error) console.error(error.message);
  return status === 0;
}
