import { access, readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { OwinError } from '../errors.ts';
import type { RuntimeInfo } from './runtime.ts';

/** The .NET SDK that compiles and builds. */
export interface Sdk {
  /** The .NET root it belongs to. */
  root: string;
  version: string;
  /** The `dotnet` of that root. */
  dotnet: string;
  /** The C# compiler, an assembly that `dotnet` runs. */
  csc: string;
}

/**
 * The newest SDK of the first root that has one: the running runtime's, DOTNET_ROOT, that of `dotnet` on PATH, the
 * user's own.
 *
 * @throws (as a rejection) OwinError `ERR_OWIN_SDK_NOT_FOUND`, naming every place it looked at
 */
export async function findSdk(runtime: RuntimeInfo): Promise<Sdk> {
  const roots = [
    runtime.path,
    process.env['DOTNET_ROOT'],
    await rootOnPath(),
    path.join(homedir(), '.dotnet'),
  ].filter((root): root is string => !!root);
  const probed = [...new Set(roots)].map((root) => path.join(root, 'sdk'));
  for (const folder of probed) {
    for (const version of await versions(folder)) {
      const csc = path.join(folder, version, 'Roslyn', 'bincore', 'csc.dll');
      if (!(await exists(csc))) continue;
      const root = path.dirname(folder);
      return { root, version, dotnet: path.join(root, executable('dotnet')), csc };
    }
  }
  throw new OwinError('ERR_OWIN_SDK_NOT_FOUND', `Looked for one in: ${probed.join(', ')}.`);
}

/**
 * The reference assemblies of a framework for the running runtime: those of its major version, or the newest before.
 * Undefined: there are none.
 */
export async function referenceFolder(
  { root }: Sdk,
  framework: string,
  major: number,
): Promise<string | undefined> {
  const pack = path.join(root, 'packs', `${framework}.Ref`);
  for (const version of await versions(pack)) {
    if (Number.parseInt(version, 10) > major) continue;
    const ref = path.join(pack, version, 'ref');
    const [target] = await names(ref);
    if (target) return path.join(ref, target);
  }
  return undefined;
}

async function rootOnPath(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const found = await realpath(path.join(folder, executable('dotnet'))).catch(() => undefined);
    if (found) return path.dirname(found);
  }
  return undefined;
}

const executable = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

/** Newest first; a prerelease comes after its release. */
async function versions(folder: string): Promise<string[]> {
  const collator = new Intl.Collator('en', { numeric: true });
  const key = (version: string) => (version.includes('-') ? version : `${version}-~`);
  return (await names(folder))
    .filter((name) => /^\d/.test(name))
    .sort((a, b) => collator.compare(key(b), key(a)));
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
