// npm run mutations [-- name …]
//
// Puts each fault of faults.mjs into the sources, one at a time, builds the half it is in, runs the tests that are to
// notice, and takes it out again. Prints which test failed; ends with 1 where none did, or a fault does not fit any more.
// Needs a built package, the built apps of test/apps, and for faults in native code cmake and GoogleTest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { faults } from './faults.mjs';

const root = join(import.meta.dirname, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'owin-mutations-'));
const BUILD_SECONDS = 600;
const TESTS_SECONDS = 100;
const TIMED_OUT = 124;
const dotnetTests = 'test/dotnet/Owin.Host.Tests/bin/Release/net10.0';

// Of .NET's half one target is enough, as it is compiled and no more.
const bridge = (to) =>
  'dotnet build dotnet/Owin.Host -c Release -f net10.0 --no-restore --nologo -v q -clp:NoSummary && ' +
  `cp dotnet/Owin.Host/bin/Release/net10.0/Owin.Host.dll ${to}`;
const builds = {
  '.ts vitest': 'npm run build:ts',
  '.cs vitest': bridge('dist/dotnet/net10.0'),
  '.cs dotnet': bridge(dotnetTests),
  '.cc vitest': 'npm run build:native',
  '.cc native':
    'cmake -S . -B build/cmake -DOWIN_TESTS=ON -Wno-dev --log-level=WARNING && cmake --build build/cmake --parallel 2',
};
// What ships is compiled ahead of time, too.
const lastBuilds = { ...builds, '.cs vitest': 'npm run build:dotnet' };
const side = ({ file, by: [kind] }) => `${extname(file)} ${kind}`;

/** The names of the tests that failed. */
const runners = {
  vitest(file, name) {
    const report = join(scratch, 'vitest.json');
    rmSync(report, { force: true });
    const only = name ? `-t ${JSON.stringify(name)}` : '';
    const limits = '--testTimeout=15000 --hookTimeout=15000';
    run(`npx vitest run ${file} ${only} ${limits} --reporter=json --outputFile.json=${report}`);
    return failures(report);
  },
  dotnet(name) {
    const scope = name.split('.').length > 2 ? '-method' : '-class';
    const { ok, text } = run(
      `${dotnetTests}/Owin.Host.Tests -noColor ${scope} Owin.Host.Tests.${name}`,
    );
    return named(ok, text, /^\s*Owin\.Host\.Tests\.(\S.*) \[FAIL\]/gm);
  },
  native(tests) {
    const { ok, text } = run(
      `ctest --test-dir build/cmake --timeout 20 -R ${JSON.stringify(tests)}`,
    );
    return named(ok, text, /^\s*\d+ - (\S+) \(/gm);
  },
};

/** A run that failed without a name has crashed. */
function named(ok, text, pattern) {
  const names = [...text.matchAll(pattern)].map((found) => found[1]);
  return ok || names.length > 0 ? names : ['the run as a whole'];
}

function failures(report) {
  const results = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const ran = results
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status !== 'skipped');
  if (ran.length === 0 && results.every(({ status }) => status === 'passed'))
    throw new Error('no test ran');
  return results.flatMap(({ status, assertionResults }) => {
    const failed = assertionResults.filter((each) => each.status === 'failed');
    if (failed.length === 0 && status === 'failed')
      throw new Error('a test file could not be read');
    return failed.map((each) => each.fullName.trim());
  });
}

// `timeout` ends all that the command has started.
function run(command, seconds = TESTS_SECONDS) {
  const words = ['--kill-after=5', String(seconds), 'sh', '-c', command];
  const { stdout, stderr, status } = spawnSync('timeout', words, { cwd: root, encoding: 'utf8' });
  if (status === TIMED_OUT) throw new Error(`'${command}' took more than ${seconds} s.`);
  return { ok: status === 0, text: `${stdout}\n${stderr}` };
}

function build(fault, commands = builds) {
  const command = commands[side(fault)];
  const { ok, text } = run(command, BUILD_SECONDS);
  if (!ok) throw new Error(`'${command}' failed:\n${text}`);
}

/** Puts a fault in, calls, and takes it out whatever happened. */
function within({ file, from, to }, call) {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  try {
    return call();
  } finally {
    writeFileSync(path, source);
  }
}

function failing(fault) {
  return within(fault, () => {
    build(fault);
    const [kind, ...what] = fault.by;
    return runners[kind](...what);
  });
}

const names = process.argv.slice(2);
const unknown = names.find((name) => !faults.some((fault) => fault.name === name));
if (unknown) throw new Error(`There is no fault '${unknown}'.`);
const chosen = names.length === 0 ? faults : faults.filter(({ name }) => names.includes(name));
// Ended in the middle it would leave its fault in the sources.
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
let missed = 0;
try {
  for (const fault of chosen) {
    await turn();
    if (stopped) break;
    let line;
    try {
      const found = failing(fault);
      if (found.length === 0 && !fault.unseen) missed++;
      line = found.join(' | ') || `NOT SEEN${fault.unseen ? ', as is known' : ''}`;
    } catch (error) {
      missed++;
      line = `ERROR: ${error.message}`;
    }
    console.log(`${fault.name}: ${line}`);
  }
} finally {
  for (const each of new Map(chosen.map((fault) => [side(fault), fault])).values())
    build(each, lastBuilds);
  rmSync(scratch, { recursive: true });
}
console.log(`${chosen.length} faults, ${missed} missed`);
if (missed > 0) process.exitCode = 1;
