// Runs vitest for test/run.mjs and the sanitizers.
//
// Most tests talk over real sockets with real processes, on machines that others use too. Where few tests fail, their
// files run once more, each alone: what passes then counts as passed and is named, since it is a fault of the test or
// a rare one of the product. A process that ended by itself is never excused.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const EXCUSED_FILES = 5;

/**
 * @param {string} report path of the JSON report
 * @param {{ files?: string[], env?: NodeJS.ProcessEnv }} options files: paths of tests, default all
 * @returns {{ total: number, passed: number, failures: string[], unsteady: string[], passedFiles: Set<string> }}
 */
export function runVitest(report, { files = [], env = process.env } = {}) {
  const first = run(report, files, env);
  const failed = first.results.filter(({ status }) => status === 'failed');
  const mayBeUnsteady =
    failed.length > 0 && failed.length <= EXCUSED_FILES && failed.every(hasFailedTests);
  const again = mayBeUnsteady
    ? run(
        report,
        failed.map(({ name }) => path.relative(root, name)),
        env,
        ['--maxWorkers=1'],
      )
    : first;
  const names = namesOf(again);
  const failures = again.ok || names.length > 0 ? names : ['vitest ended without a failed test'];
  return {
    total: first.total,
    passed: first.total - failures.length,
    failures,
    unsteady: namesOf(first).filter((name) => !failures.includes(name)),
    passedFiles: new Set(
      [...first.results, ...again.results]
        .filter((file) => namesOf({ results: [file] }).length === 0)
        .map(({ name }) => name),
    ),
  };
}

const hasFailedTests = ({ assertionResults }) =>
  assertionResults.some(({ status }) => status === 'failed');

// A skipped test is none that passed. A file that could not be run has no tests.
const namesOf = ({ results }) =>
  results.flatMap(({ name, status, assertionResults }) => {
    const file = path.relative(root, name);
    const names = assertionResults
      .filter((test) => test.status !== 'passed')
      .map((test) => `${file}: ${test.fullName} (${test.status})`);
    return names.length === 0 && status === 'failed' ? [`${file}: could not be run`] : names;
  });

function run(report, files, env, more = []) {
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['vitest', 'run', ...files, ...reporters, ...more];
  console.log(`> npx ${args.join(' ')}`);
  const shell = process.platform === 'win32';
  const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit', shell, env });
  try {
    const { numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return { ok: status === 0, total: numTotalTests, results: testResults };
  } catch {
    return { ok: false, total: 0, results: [] };
  }
}
