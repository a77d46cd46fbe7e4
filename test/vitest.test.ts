import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runVitest } from './vitest.mjs';

/** What becomes of a run of these files alone, by name; each runs in a process of its own. */
function runMade(files: Record<string, string>, env = process.env) {
  // Below the root, so that they find its packages and its configuration, and where its own tests are not looked for.
  const folder = path.join(import.meta.dirname, '../build/made-tests');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'test'), { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files))
    writeFileSync(
      path.join(folder, `test/${name}.test.ts`),
      `import { existsSync, writeFileSync } from 'node:fs';
      import { expect, test } from 'vitest';
      const once = () => existsSync('${name}.once') || writeFileSync('${name}.once', '');
      ${text}`,
    );
  const { passedFiles, ...rest } = runVitest(path.join(folder, 'report.json'), {
    folder,
    env,
    stdio: 'ignore',
  });
  return { ...rest, passedFiles: [...passedFiles].map((file) => path.basename(file, '.test.ts')) };
}

const twoTests = `test('one', () => {}); test('two', () => {});`;
const rejects = `Promise.reject(new TypeError('left alone'));`;

test('an error that no test has is a failure, and no test that failed', () => {
  const run = runMade({ rejects: `test('rejects', () => { ${rejects} });`, passes: twoTests });
  expect(run).toEqual({
    total: 3,
    passed: 3,
    failures: ['test/rejects.test.ts: TypeError: left alone (unhandled)'],
    unsteady: [],
    passedFiles: ['passes'],
  });
});

test('what fails once, by itself or by an error that no test has, passes and is named', () => {
  const run = runMade({
    rejects: `test('rejects', () => { if (!once()) ${rejects} });`,
    fails: `test('fails', () => expect(once()).toBe(true)); ${twoTests}`,
  });
  expect(run).toMatchObject({ total: 4, passed: 4, failures: [] });
  expect(run.unsteady.sort()).toEqual([
    'test/fails.test.ts: fails (failed)',
    'test/rejects.test.ts: TypeError: left alone (unhandled)',
  ]);
  expect(run.passedFiles.sort()).toEqual(['fails', 'rejects']);
});

test('a process that ended by itself is not excused by what is', () => {
  const run = runMade({
    ends: `test('before', () => {});
      test('ends', () => { if (!once()) process.kill(process.pid, 'SIGKILL'); });`,
    fails: `test('fails', () => expect(once()).toBe(true));`,
  });
  expect(run).toMatchObject({ total: 3, passed: 0, unsteady: [], passedFiles: [] });
  expect(run.failures).toEqual(
    expect.arrayContaining([
      'test/fails.test.ts: fails (failed)',
      'test/ends.test.ts: ends (pending)',
      'Error: [vitest-pool]: Worker forks emitted error. (unhandled)',
    ]),
  );
});

test.skipIf(process.platform === 'win32')('the Node that runs is the one on PATH', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = `#!/bin/sh\nNODE_OF_PATH=made exec ${process.execPath} "$@"\n`;
  writeFileSync(path.join(folder, 'node'), script, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}${path.delimiter}${process.env['PATH']}` };
  const run = runMade(
    { is: `test('is made', () => expect(process.env.NODE_OF_PATH).toBe('made'));` },
    env,
  );
  expect(run).toMatchObject({ passed: 1, failures: [] });
});
