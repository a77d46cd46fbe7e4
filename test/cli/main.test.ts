import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Program } from './program.ts';

test('lists its commands', async () => {
  const program = new Program(['--help']);
  expect(await program.exit()).toEqual({ code: 0, signal: null });
  expect(program.stdout).toMatch(/^ {2}serve /m);
  expect(program.stdout).toMatch(/^ {2}doctor /m);
  expect(program.stdout).toMatch(/^ {2}types /m);
  expect(program.stdout).toMatch(/^ {2}client /m);
});

test('says its version', async () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const program = new Program(['--version']);
  expect(await program.exit()).toEqual({ code: 0, signal: null });
  expect(program.stdout).toBe(`${JSON.parse(manifest).version}\n`);
});

test('does not know other commands', async () => {
  const program = new Program(['sereve']);
  expect(await program.exit()).toEqual({ code: 1, signal: null });
  expect(program.stderr).toContain("unknown command 'sereve'");
  expect(program.stderr).toContain('Did you mean serve?');
});
