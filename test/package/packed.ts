import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');

/** The package as `npm publish` would send it, and a folder where npm has installed it. */
export interface Packed {
  tarball: string;
  /** Paths in the tarball. */
  files: string[];
  /** A folder with spaces and characters beyond ASCII in its name. */
  consumer: string;
  remove(): void;
}

// Everything that `npm run build:prebuilds` and `npm pack` read.
const sources = [
  ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'dist'],
  ...['binding.gyp', 'native'],
];

/** Builds the prebuilt addon, packs and installs, all of it in a temporary folder. */
export function packAndInstall(): Packed {
  const folder = mkdtempSync(path.join(tmpdir(), 'owin-package-'));
  const stage = path.join(folder, 'stage');
  mkdirSync(stage);
  for (const name of sources)
    cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(stage, 'node_modules'), 'junction');
  npm(stage, 'run', 'build:prebuilds');
  const [tarball, files] = pack(stage, folder);
  const dependencies = [...dependenciesOf(root)].map((each) => pack(each, folder)[0]);

  const consumer = path.join(folder, 'an app – für Ærlig ☃');
  mkdirSync(consumer);
  writeFileSync(path.join(consumer, 'package.json'), '{ "private": true }\n');
  npm(consumer, 'install', '--offline', '--no-audit', '--no-fund', tarball, ...dependencies);
  return { tarball, files, consumer, remove: () => rmSync(folder, { recursive: true }) };
}

/** The folders of what a package needs at run time, and of what that needs. */
function dependenciesOf(folder: string, found = new Set<string>()): Set<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const dependency = path.join(root, 'node_modules', name);
    if (!found.has(dependency)) dependenciesOf(dependency, found.add(dependency));
  }
  return found;
}

function pack(source: string, destination: string): [tarball: string, files: string[]] {
  const args = ['pack', source, '--json', '--ignore-scripts', '--pack-destination', destination];
  const [{ filename, files }] = JSON.parse(npm(destination, ...args));
  return [path.join(destination, filename), files.map((file: { path: string }) => file.path)];
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
}
