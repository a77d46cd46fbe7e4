import { expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { run } from './child.ts';

test('what an app without a log writes goes to the streams of the process, as does what comes after the end', async () => {
  const child = run('log.mjs', appPath('Noisy'));
  const stdout: string[] = [];
  child.process.stdout!.on('data', (chunk) => stdout.push(chunk));
  await expect.poll(() => stdout.join(''), { timeout: 20_000 }).toContain('after the end\n');
  await expect.poll(() => stdout.join(''), { timeout: 20_000 }).toMatch(/^\{.*\}$/m);
  child.process.kill('SIGKILL');
  await child.exit();
  const lines = stdout.join('').split('\n');
  const { logged, ...rest } = JSON.parse(lines.find((line) => line.startsWith('{'))!);
  // The app writes it from the moment it is told, while the callbacks still run.
  const own = logged.filter((message: string) => message !== 'after the end');
  expect({ logged: own, ...rest }).toEqual({
    logged: ['starting', 'out with', 'error with', 'closing', 'no line end'],
    thrown: ['a log that throws at: error with'],
    output: 8 * 1024,
  });
  const unlogged = lines.filter((line) => !/^(\{.*|after the end|line \d+|)$/.test(line));
  expect(unlogged).toEqual(['starting', 'out without']);
  expect(lines).toContain('line 0');
  expect(lines).toContain('line 1999');
  expect(child.stderr).toBe('no instrument\nerror without\ntraced\n');
}, 60_000);

test.runIf(process.platform === 'linux').each([
  ['without a log', [], false],
  ['with one', ['log'], true],
])('an app that does not write, %s, does not load the console', async (_, args, trace) => {
  const child = run('unwritten.mjs', appPath('StaticInvoke'), ...args);
  expect(await child.next()).toEqual({ host: true, console: false, trace });
});
