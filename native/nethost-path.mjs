// Prints the folder with the static nethost and the headers of .NET's hosting API,
// which the .NET SDK brings: node native/nethost-path.mjs [arch]
// binding.gyp and CMakeLists.txt both ask here.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const arch = process.argv[2] ?? process.arch;
const windows = process.platform === 'win32';
const needed = [
  windows ? 'libnethost.lib' : 'libnethost.a',
  'nethost.h',
  'hostfxr.h',
  'coreclr_delegates.h',
];

function runtimeIdentifier() {
  const musl =
    process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const os = { win32: 'win', darwin: 'osx' }[process.platform] ?? (musl ? 'linux-musl' : 'linux');
  return `${os}-${arch}`;
}

function dotnetRoots() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, windows ? 'dotnet.exe' : 'dotnet'))
    .filter(existsSync)
    .map((file) => dirname(realpathSync(file)));
  return [process.env.DOTNET_ROOT, ...onPath].filter(Boolean);
}

function subfolders(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

// An SDK that a Linux distribution built names the pack after the distribution.
function hostPacks(root, rid) {
  const prefix = 'Microsoft.NETCore.App.Host.';
  const names = subfolders(join(root, 'packs')).filter(
    (pack) => pack.includes(prefix) && pack.endsWith(`-${arch}`),
  );
  return names.sort((left, right) => right.endsWith(`.${rid}`) - left.endsWith(`.${rid}`));
}

function nugetPack(rid) {
  const packages = process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget', 'packages');
  return join(packages, `microsoft.netcore.app.host.${rid}`);
}

const byVersion = new Intl.Collator('en', { numeric: true }).compare;

function candidates(rid) {
  const packs = [...dotnetRoots().flatMap((root) => hostPacks(root, rid)), nugetPack(rid)];
  return packs
    .flatMap((pack) => subfolders(pack).sort(byVersion).reverse())
    .flatMap((version) => subfolders(join(version, 'runtimes')))
    .map((runtime) => join(runtime, 'native'));
}

const rid = runtimeIdentifier();
const found = candidates(rid).find((folder) =>
  needed.every((name) => existsSync(join(folder, name))),
);
if (found === undefined) {
  console.error(
    [
      `owin needs ${needed[0]} for ${rid} to build its addon, and found none.`,
      'Looked for packs/Microsoft.NETCore.App.Host.* in:',
      ...(dotnetRoots().length > 0 ? dotnetRoots() : ['(no dotnet on PATH, DOTNET_ROOT not set)']),
      nugetPack(rid),
      'Install the .NET SDK 8.0 or later (https://dot.net/download). Where a Linux distribution',
      'splits it up, install its apphost pack too, for example dotnet-apphost-pack-10.0.',
    ].join('\n  '),
  );
  process.exit(1);
}
console.log(found);
