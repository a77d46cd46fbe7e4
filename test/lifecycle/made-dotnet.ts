import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** The .NET that the tests run on. */
export const dotnetRoot: string = findDotnet();

const windows = process.platform === 'win32';

export const hostfxr: string = windows
  ? 'hostfxr.dll'
  : process.platform === 'darwin'
    ? 'libhostfxr.dylib'
    : 'libhostfxr.so';

/** The version of a framework that is installed there. */
export function installed(framework: string): string {
  return readdirSync(path.join(dotnetRoot, 'shared', framework))
    .sort()
    .at(-1)!;
}

/** What a file or folder of a made .NET is: its text, or a link to that part of the real one. */
export type Part = string | Buffer | { real: string };

/** Makes a folder that looks like .NET's; gone when the test is. */
export function makeDotnet(parts: Record<string, Part> = {}): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'owin-dotnet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, part] of Object.entries(parts)) {
    const at = path.join(folder, name);
    mkdirSync(path.dirname(at), { recursive: true });
    if (typeof part === 'string' || Buffer.isBuffer(part)) writeFileSync(at, part);
    else symlinkSync(path.join(dotnetRoot, part.real), at);
  }
  return folder;
}

/** Parts for makeDotnet: its host and, under the names of the given versions, its frameworks. */
export function realParts(frameworks: Record<string, string[]>): Record<string, Part> {
  const parts: Record<string, Part> = { host: { real: 'host' } };
  for (const [name, versions] of Object.entries(frameworks)) {
    const real = `shared/${name}/${installed(name)}`;
    for (const version of versions) {
      for (const file of readdirSync(path.join(dotnetRoot, real))) {
        // The host follows links and takes the version from where this file lies.
        const copied = file.endsWith('.deps.json');
        parts[`shared/${name}/${version}/${file}`] = copied
          ? readFileSync(path.join(dotnetRoot, real, file))
          : { real: `${real}/${file}` };
      }
    }
  }
  return parts;
}

/** The beginning of a native library for the processor that this one is not. */
export function foreignLibrary(): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(process.arch === 'x64' ? 183 : 62, 18);
  return header;
}

function findDotnet(): string {
  const named = process.env['DOTNET_ROOT'];
  if (named) return named;
  const onPath = process.env['PATH']!.split(path.delimiter).map((folder) =>
    path.join(folder, 'dotnet'),
  );
  return path.dirname(realpathSync(onPath.find((file) => existsSync(file))!));
}
