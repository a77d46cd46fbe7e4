import { expect, test } from 'vitest';
import { dotnetRoot, makeDotnet } from '../lifecycle/made-dotnet.ts';
import { Program } from './program.ts';

/** What it says of a folder, where no other .NET is to be found. */
async function doctor(folder: string) {
  const program = new Program(['doctor', '--dotnet-root', folder], {
    DOTNET_ROOT: '',
    PATH: '',
    HOME: folder,
  });
  const { code } = await program.exit();
  expect(program.stderr).toBe('');
  return { code, stdout: program.stdout };
}

test('all there: the versions, where they are, and 0', async () => {
  const { code, stdout } = await doctor(dotnetRoot);
  expect(stdout).toMatch(/^Node\.js \d+\.\d+\.\d+ on \w+-\w+$/m);
  expect(stdout).toMatch(/^✔ \.NET \d+\.\d+\.\d+ in .+ \(found by: .+\)$/m);
  expect(stdout).toMatch(/^ {4}Microsoft\.NETCore\.App \d+\./m);
  expect(stdout).toMatch(/^✔ \.NET SDK \d+\.\d+\.\d+ in .+$/m);
  expect(code).toBe(0);
});

test('no SDK: what it is for, where it was looked for, and 2', async () => {
  const folder = makeDotnet({ host: { real: 'host' }, shared: { real: 'shared' } });
  const { code, stdout } = await doctor(folder);
  expect(stdout).toMatch(/^✔ \.NET /m);
  expect(stdout).toMatch(/^✖ C# source needs the \.NET SDK, which was not found\./m);
  expect(stdout).toContain(`${folder}/sdk`);
  expect(stdout).toContain('Install the .NET SDK');
  expect(code).toBe(2);
});

test('no .NET: every place, what to do, and 1', async () => {
  const folder = makeDotnet();
  const { code, stdout } = await doctor(folder);
  expect(stdout).toMatch(/^✖ \.NET was not found\./m);
  expect(stdout).toContain('Install the .NET runtime 8.0 or later');
  expect(stdout).toContain(`option dotnetRoot ${folder}`);
  expect(code).toBe(1);
});
