import { createHash, randomUUID } from 'node:crypto';
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { OwinError } from '../errors.ts';
import { compileError, isProgram } from './diagnostics.ts';
import { run } from './run.ts';
import type { RuntimeInfo } from './runtime.ts';
import { findSdk, referenceFolder, type Sdk } from './sdk.ts';

/** C# that becomes one assembly. */
export interface Compilation {
  /** What an error calls it. */
  title: string;
  /** Name of the assembly. */
  name: string;
  /** Its files, or the text of the only one. */
  files?: string[];
  text?: string;
  /** Further assemblies it uses; they are put beside it. */
  references?: string[];
}

// What the SDK gives a new project.
const GLOBAL_USINGS = [
  '',
  '.Collections.Generic',
  '.IO',
  '.Linq',
  '.Net.Http',
  '.Threading',
  '.Threading.Tasks',
]
  .map((name) => `global using System${name};\n`)
  .join('');
// How long the compiler stays in memory for the next compilation.
const KEEP_ALIVE_SECONDS = 600;
const UNUSED_DAYS = 30;

const running = new Map<string, Promise<void>>();

/**
 * Compiles C# with the SDK's own compiler, whose server makes the second compilation fast. The outcome is cached by
 * source, references and versions; a compilation that is under way already is shared.
 *
 * @throws (as a rejection) OwinError `ERR_OWIN_COMPILE` with `diagnostics`, `ERR_OWIN_SDK_NOT_FOUND`
 */
export async function compile(source: Compilation, runtime: RuntimeInfo): Promise<string> {
  const sdk = await findSdk(runtime);
  const frameworks = await referenceFolders(sdk, runtime);
  const folder = path.join(cacheFolder(), await cacheKey(source, sdk, frameworks));
  const assembly = path.join(folder, `${source.name}.dll`);
  if (await stat(assembly).catch(() => undefined)) {
    await utimes(folder, new Date(), new Date()).catch(() => {});
    return assembly;
  }
  let compiling = running.get(folder);
  if (!compiling) {
    compiling = compileInto(folder, source, sdk, frameworks).finally(() => running.delete(folder));
    running.set(folder, compiling);
  }
  await compiling;
  return assembly;
}

async function referenceFolders(
  sdk: Sdk,
  { version = '', frameworks = {} }: RuntimeInfo,
): Promise<string[]> {
  const major = Number.parseInt(version, 10);
  const folders: string[] = [];
  for (const framework of Object.keys(frameworks)) {
    const folder = await referenceFolder(sdk, framework, major);
    if (folder) folders.push(folder);
  }
  if (folders.length === 0)
    throw new OwinError(
      'ERR_OWIN_SDK_NOT_FOUND',
      `The SDK ${sdk.version} in ${sdk.root} has no reference assemblies for .NET ${major} in its folder packs.`,
    );
  return folders;
}

async function cacheKey(source: Compilation, sdk: Sdk, frameworks: string[]): Promise<string> {
  const hash = createHash('sha256');
  const parts = [source.name, sdk.version, optimization(), ...frameworks, source.text ?? ''];
  for (const file of [...(source.files ?? []), ...(source.references ?? [])])
    parts.push(
      file,
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
  return hash.update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

// Made beside its place and then moved there: nobody sees half of it.
async function compileInto(
  folder: string,
  source: Compilation,
  sdk: Sdk,
  frameworks: string[],
): Promise<void> {
  const work = `${folder}.${randomUUID()}`;
  await mkdir(work, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path.join(work, 'GlobalUsings.cs'), GLOBAL_USINGS);
    if (source.text !== undefined)
      await writeFile(path.join(work, `${source.name}.cs`), source.text);
    await writeResponseFile(work, folder, source, frameworks);
    let { code, output } = await runCompiler(sdk, work, 'library');
    if (isProgram(output)) ({ code, output } = await runCompiler(sdk, work, 'exe'));
    const made = await stat(path.join(work, `${source.name}.dll`)).catch(() => undefined);
    if (code !== 0 || !made) throw compileError(source.title, output.replaceAll(work, folder));
    for (const each of source.references ?? [])
      await copyFile(each, path.join(work, path.basename(each)));
    await rename(work, folder).catch(async () => {
      // Another process was faster; or somebody has deleted a part of it.
      if (await stat(path.join(folder, `${source.name}.dll`)).catch(() => undefined)) return;
      await rm(folder, { recursive: true, force: true });
      await rename(work, folder);
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await removeUnused(path.dirname(folder));
}

async function writeResponseFile(
  work: string,
  folder: string,
  source: Compilation,
  frameworks: string[],
): Promise<void> {
  const lines = [
    '-nologo',
    '-utf8output',
    '-fullpaths',
    '-preferreduilang:en-US',
    '-deterministic',
    '-debug:portable',
    '-nullable:enable',
    '-nowarn:CS1701;CS1702',
    '-nostdlib+',
    optimization(),
    `-pathmap:"${work}"="${folder}"`,
    `-out:"${source.name}.dll"`,
    '"GlobalUsings.cs"',
    ...(source.files ?? [`${source.name}.cs`]).map((file) => `"${file}"`),
    ...(source.references ?? []).map((file) => `-r:"${file}"`),
  ];
  for (const framework of frameworks)
    for (const name of await readdir(framework))
      if (name.endsWith('.dll')) lines.push(`-r:"${path.join(framework, name)}"`);
  await writeFile(path.join(work, 'csc.rsp'), lines.join('\n'));
}

function runCompiler(sdk: Sdk, cwd: string, target: 'library' | 'exe') {
  const server = ['-shared', `-keepalive:${KEEP_ALIVE_SECONDS}`];
  return run(sdk.dotnet, [sdk.csc, ...server, '-noconfig', `-target:${target}`, '@csc.rsp'], cwd);
}

/** Code that is debugged keeps its lines and locals. */
function optimization(): string {
  return process.env['NODE_ENV'] === 'development' ? '-optimize-' : '-optimize+';
}

/** Where the platform keeps what can be made again. */
function cacheFolder(): string {
  const { env, platform } = process;
  const base =
    env['XDG_CACHE_HOME'] ||
    (platform === 'win32' && env['LOCALAPPDATA']) ||
    path.join(homedir(), platform === 'darwin' ? 'Library/Caches' : '.cache');
  return path.join(base, 'owin');
}

async function removeUnused(cache: string): Promise<void> {
  const oldest = Date.now() - UNUSED_DAYS * 24 * 3600 * 1000;
  for (const name of await readdir(cache)) {
    const folder = path.join(cache, name);
    const used = await stat(folder).catch(() => undefined);
    if (used && used.mtimeMs < oldest) await rm(folder, { recursive: true, force: true });
  }
}
