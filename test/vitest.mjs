// Runs vitest for test/run.mjs and the sanitizers.
//
// Most tests talk over real sockets with real processes, on machines that others use too. Where few tests fail, their
// files run once more, each alone: what passes then counts as passed and is named, since it is a fault of the test or
// a rare one of the product. An error that no test has, such as a rejection nobody caught, is a failure of its file. A
// process that ended by itself is never excused.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const program = path.join(root, 'node_modules/vitest/vitest.mjs');
const reporter = path.join(import.meta.dirname, 'reporter.mjs');
const EXCUSED_FILES = 5;

/**
 * @param {string} report path of the JSON report
 * @param {{
 *   files?: string[],
 *   env?: NodeJS.ProcessEnv,
 *   folder?: string,
 *   stdio?: import('node:child_process').StdioOptions,
 * }} options files: paths of tests, default all; folder: where they are looked for, default this project's
 * @returns {{ total: number, passed: number, failures: string[], unsteady: string[], passedFiles: Set<string> }}
 */
export function runVitest(report, { files = [], folder = root, ...rest } = {}) {
  const options = { ...rest, folder, report };
  const first = run(files, options);
  const failed = first.files.filter(hasFailures);
  const isUnsteady =
    failed.length > 0 &&
    failed.length <= EXCUSED_FILES &&
    failed.every(({ mayPass }) => mayPass) &&
    first.errors.length === 0;
  const again = failed.map(({ path: file }) => path.relative(folder, file));
  const last = isUnsteady ? run(again, options, '--maxWorkers=1') : first;
  const failures = failuresOf(last);
  if (!last.ok && failures.length === 0) failures.push('vitest ended without a failed test');
  const passed = new Set([...first.files, ...last.files].map(({ path: file }) => file));
  for (const { path: file } of last.files.filter(hasFailures)) passed.delete(file);
  return {
    total: first.total,
    passed: first.total - last.files.flatMap(({ tests }) => tests).length,
    failures,
    unsteady: failuresOf(first).filter((name) => !failures.includes(name)),
    passedFiles: passed,
  };
}

const hasFailures = ({ tests, errors }) => tests.length + errors.length > 0;
const failuresOf = ({ files, errors }) => [
  ...files.flatMap((file) => [...file.tests, ...file.errors]),
  ...errors,
];

/** What a run found: of each file the tests that failed, and the errors beside them; errors of no file. */
function run(files, { report, folder, env = process.env, stdio = 'inherit' }, ...more) {
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', `--reporter=${reporter}`, `--outputFile.json=${report}`];
  const args = ['run', ...files, ...reporters, ...more];
  console.log(`> npx vitest ${args.join(' ')}`);
  // The Node on PATH: test/node-versions/run.mjs puts others there.
  const { status } = spawnSync('node', [program, ...args], { cwd: folder, stdio, env });
  try {
    const { numTotalTests, testResults, unhandledErrors } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const read = (result) =>
      readFile(
        result,
        path.relative(folder, result.name),
        unhandledErrors.filter(({ file }) => file === result.name),
      );
    const isOfFile = ({ file }) => testResults.some(({ name }) => name === file);
    return {
      ok: status === 0,
      total: numTotalTests,
      files: testResults.map(read),
      errors: unhandledErrors.filter((error) => !isOfFile(error)).map(shown),
    };
  } catch {
    return { ok: false, total: 0, files: [], errors: [] };
  }
}

// A skipped test is none that passed; a pending one was never begun, or its process ended.
function readFile({ name, status, message, assertionResults }, file, unhandled) {
  const failed = assertionResults.filter((test) => test.status !== 'passed');
  const errors = unhandled.map((error) => `${file}: ${shown(error)}`);
  if (status === 'failed' && failed.length === 0)
    errors.push(`${file}: could not be run: ${firstLine(message)}`);
  const has = (wanted) => failed.some((test) => test.status === wanted);
  return {
    path: name,
    tests: failed.map((test) => `${file}: ${test.fullName} (${test.status})`),
    errors,
    mayPass: (has('failed') || (status === 'passed' && unhandled.length > 0)) && !has('pending'),
  };
}

const shown = ({ name, message }) => `${name}: ${firstLine(message)} (unhandled)`;
const firstLine = (text) => text.split('\n', 1)[0];
