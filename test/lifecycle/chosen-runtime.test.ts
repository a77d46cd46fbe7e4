import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Child, run } from './child.ts';
import { dotnetRoot, installed, makeDotnet, realParts } from './made-dotnet.ts';

const NETCORE = 'Microsoft.NETCore.App';
const ASPNETCORE = 'Microsoft.AspNetCore.App';
const HELLO = '<p>Hello, world from .NET!</p>';
const archVariable = `DOTNET_ROOT_${process.arch.toUpperCase()}`;

async function chosen(
  options: object,
  variables: Record<string, string | null> = {},
  ...app: string[]
) {
  return outcome(run('chosen.mjs', JSON.stringify(options), JSON.stringify(variables), ...app));
}

async function outcome(child: Child) {
  const told = await child.next();
  expect(await child.exit()).toMatchObject({ code: 0 });
  expect(child.stderr).toBe('');
  return told;
}

test('where DOTNET_ROOT is wrong the dotnet on PATH serves', async () => {
  const wrong = makeDotnet({ 'a/dotnet': '#!/bin/sh' });
  const onPath = makeDotnet({ dotnet: { real: 'dotnet' } });
  const { info, answer } = await chosen(
    {},
    {
      [archVariable]: null,
      DOTNET_ROOT: wrong,
      PATH: [path.join(wrong, 'a'), path.join(wrong, 'b'), onPath].join(path.delimiter),
    },
  );
  expect(info).toMatchObject({ state: 'running', path: dotnetRoot, reason: 'PATH' });
  expect(info.probed).toEqual([
    { source: archVariable, path: '', outcome: 'not set' },
    { source: 'DOTNET_ROOT', path: wrong, outcome: 'no host/fxr folder' },
    { source: 'PATH', path: path.join(wrong, 'a'), outcome: 'no host/fxr folder' },
    { source: 'PATH', path: dotnetRoot, outcome: 'chosen' },
  ]);
  expect(answer).toBe(HELLO);
});

test('where neither serves, every other place is looked at and named', async () => {
  const wrong = makeDotnet();
  const { info, error } = await chosen(
    {},
    { [archVariable]: null, DOTNET_ROOT: wrong, PATH: wrong, HOME: wrong },
  );
  const { probed } = info ?? error;
  expect(probed.slice(0, 3)).toEqual([
    { source: archVariable, path: '', outcome: 'not set' },
    { source: 'DOTNET_ROOT', path: wrong, outcome: 'no host/fxr folder' },
    { source: 'PATH', path: '', outcome: 'no dotnet on it' },
  ]);
  expect(probed[3].source).toBe('registered install location');
  // Whether this machine has .NET in one of these places is its own business.
  if (info) {
    expect(probed.at(-1)).toEqual({ source: info.reason, path: info.path, outcome: 'chosen' });
    return;
  }
  expect(error.code).toBe('ERR_OWIN_RUNTIME_NOT_FOUND');
  for (const { source, path: place, outcome: found } of probed)
    expect(error.message).toContain(`\n  ${source}: ${place && `${place}: `}${found}`);
  expect(probed.at(-1).path).toBe(path.join(wrong, '.dotnet'));
});

test('a release is preferred to a newer preview, beside which it is installed', async () => {
  const release = installed(NETCORE);
  const root = makeDotnet(realParts({ [NETCORE]: ['99.0.0-preview.1.25080.5', release] }));
  const { info, answer } = await chosen({ dotnetRoot: root });
  expect(info).toMatchObject({ state: 'running', path: root, version: release });
  expect(answer).toBe(HELLO);
});

test('a preview serves where nothing else is installed', async () => {
  const root = makeDotnet(realParts({ [NETCORE]: ['99.0.0-preview.2.1', '99.0.0-preview.10.1'] }));
  const { info, answer } = await chosen({ dotnetRoot: root });
  expect(info).toMatchObject({
    state: 'running',
    version: '99.0.0-preview.10.1',
    frameworks: { [NETCORE]: '99.0.0-preview.10.1' },
    bridge: expect.stringMatching(/net10\.0/),
  });
  expect(answer).toBe(HELLO);
});

test.each([
  ['is not installed', {}],
  ['is an empty folder', { [`shared/${ASPNETCORE}/${installed(ASPNETCORE)}/readme`]: '' }],
  ['is of an older version', realParts({ [ASPNETCORE]: ['6.0.36'] })],
])('where ASP.NET Core %s .NET starts without it', async (_, parts) => {
  const root = makeDotnet({ ...realParts({ [NETCORE]: [installed(NETCORE)] }), ...parts });
  const { info, answer } = await chosen({ dotnetRoot: root });
  expect(info).toMatchObject({ state: 'running', path: root });
  expect(info.frameworks).toEqual({ [NETCORE]: installed(NETCORE) });
  expect(answer).toBe(HELLO);
});

test('an app of ASP.NET Core’s, where that is missing: which framework, which there are, what to do', async () => {
  const older = realParts({ [ASPNETCORE]: ['6.0.36'], [NETCORE]: [installed(NETCORE)] });
  const root = makeDotnet(older);
  const app = appPath('AspNetCore');
  const { error } = await chosen({ dotnetRoot: root }, {}, app);
  expect(error.code).toBe('ERR_OWIN_APP_DEPENDENCY');
  expect(error.message).toContain(`${app} needs the framework ${ASPNETCORE} `);
  expect(error.message).toContain('the assembly Microsoft.AspNetCore.Http.Abstractions ');
  expect(error.message).toContain(`These run: ${NETCORE} ${installed(NETCORE)}.`);
  expect(error.message).toContain(
    `These are installed in ${root}: ${ASPNETCORE} 6.0.36, ${NETCORE} ${installed(NETCORE)}.`,
  );
  expect(error.message).toMatch(/Install Microsoft\.AspNetCore\.App \d+\.0 there, .+ DOTNET_ROOT /);
});

test('the same app where ASP.NET Core is installed', async () => {
  const { answer } = await chosen({}, {}, appPath('AspNetCore'));
  expect(answer).toBe('AspNetCore');
});

/** A copy of this package whose files may be damaged, with the fixtures. */
function copyPackage(): string {
  const root = path.resolve(import.meta.dirname, '../..');
  const copy = path.join(makeDotnet(), 'owin');
  mkdirSync(copy);
  for (const name of ['package.json', 'dist', 'test/lifecycle/fixtures'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  for (const name of ['node_modules', 'build', 'prebuilds', 'test/apps'])
    if (existsSync(path.join(root, name)))
      symlinkSync(path.join(root, name), path.join(copy, name));
  return copy;
}

test.each([
  ['broken', (file: string) => writeFileSync(file, '{ "runtimeOptions": {')],
  ['gone', (file: string) => rmSync(file)],
])(
  'a runtimeconfig of the package that is %s: an error that says which and what to do',
  async (_, damage) => {
    const copy = copyPackage();
    const files = ['', 'aspnetcore.'].map((kind) =>
      path.join(copy, `dist/dotnet/Owin.Host.${kind}runtimeconfig.json`),
    );
    for (const file of files) damage(file);
    const script = path.join(copy, 'test/lifecycle/fixtures/chosen.mjs');
    const { error } = await outcome(new Child(script, ['{}', '{}']));
    expect(error.code).toBe('ERR_OWIN_RUNTIME_START');
    expect(error.message).toContain('0x80008093, the runtimeconfig.json is missing or invalid.\n');
    expect(error.message).toMatch(/\.NET says:\n.*Owin\.Host\.runtimeconfig\.json/);
    expect(error.message).toMatch(/\nIt is a file of this package: install the package again\.$/);
  },
);
