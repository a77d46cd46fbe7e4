import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { OwinError } from '../errors.ts';
import type { Compilation } from './compile.ts';
import { checkOptions, describe } from './options.ts';
import type { RuntimeInfo } from './runtime.ts';

/** C# as text instead of the path of a file. */
export interface InlineSource {
  /** The text of one C# file. */
  source: string;
  /** Paths of further assemblies it uses; relative ones are resolved from the current directory. Default: none. */
  references?: string[];
}

/**
 * What `owin()` takes: the path of an assembly (`.dll`), of C# source (`.cs`), of a project (`.csproj`, `.fsproj`,
 * `.vbproj`) or of a folder with either; or C# as text. Relative paths are resolved from the current directory.
 */
export type AppSource = string | InlineSource;

const PROJECT = /\.(cs|fs|vb)proj$/i;
// A file that says so is a project in one file.
const DIRECTIVE = /^#:(package|project|sdk|property)\b/m;
const NO_SOURCE = /^(bin|obj|node_modules|\..*)$/;

/** @throws OwinError `ERR_OWIN_OPTION` where it is none */
export function checkSource(source: unknown): asserts source is AppSource {
  if (typeof source === 'object' && source !== null) {
    checkOptions('owin({ source })', source, { source: 'string', references: textList });
    if (typeof (source as InlineSource).source === 'string') return;
  } else if (typeof source === 'string' && source !== '') return;
  throw new OwinError(
    'ERR_OWIN_OPTION',
    `owin() takes the path of a .NET assembly, C# file, project or folder, or { source: 'C#' }, as its first argument, not ${describe(source)}.`,
  );
}

const textList = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? undefined
    : 'an array of paths';

/** A source with absolute paths: the current directory may change later. */
export function absolute(source: AppSource): AppSource {
  if (typeof source === 'string') return path.resolve(source);
  return { ...source, references: (source.references ?? []).map((each) => path.resolve(each)) };
}

/** The files and folders that a source is made of: a change in one of them makes another app. */
export function inputsOf(source: AppSource): string[] {
  if (typeof source !== 'string') return source.references ?? [];
  return [PROJECT.test(source) ? path.dirname(source) : source];
}

/**
 * The path of the assembly of a source: compiled or built where it is none yet.
 *
 * @param source with absolute paths
 * @param runtime what it will run on
 * @param progress whether a build that takes its time is told of on the standard error stream
 * @throws (as a rejection) OwinError `ERR_OWIN_COMPILE` with `diagnostics`, `ERR_OWIN_SDK_NOT_FOUND`,
 * `ERR_OWIN_APP_NOT_FOUND`
 */
export async function resolveSource(
  source: AppSource,
  runtime: RuntimeInfo,
  progress: boolean,
): Promise<string> {
  if (typeof source === 'string' && /\.(dll|exe)$/i.test(source)) return source;
  // What an assembly does not need is not loaded for it.
  const { compile } = await import('./compile.ts');
  const { buildProject } = await import('./build.ts');
  const make: Makers = {
    compile: (compilation) => compile(compilation, runtime),
    build: (project) => buildProject(project, runtime, progress),
  };
  if (typeof source !== 'string') {
    for (const reference of source.references ?? []) await existing(reference);
    return make.compile({
      title: 'The source',
      name: 'Source',
      text: source.source,
      references: source.references ?? [],
    });
  }
  if (PROJECT.test(source)) return make.build(await existing(source));
  if (/\.cs$/i.test(source)) return resolveFile(await existing(source), make);
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory();
  return isFolder ? resolveFolder(source, make) : source;
}

interface Makers {
  compile(source: Compilation): Promise<string>;
  build(project: string): Promise<string>;
}

async function resolveFile(file: string, make: Makers): Promise<string> {
  if (DIRECTIVE.test(await readFile(file, 'utf8'))) return make.build(file);
  return make.compile({
    title: file,
    name: path.basename(file, path.extname(file)),
    files: [file],
  });
}

async function resolveFolder(folder: string, make: Makers): Promise<string> {
  const names = await readdir(folder);
  const projects = names.filter((name) => PROJECT.test(name));
  if (projects.length === 1) return make.build(path.join(folder, projects[0] as string));
  if (projects.length > 1)
    throw notFound(`${folder} has several projects: ${projects.join(', ')}. Pass the path of one.`);
  const files = await sourceFiles(folder);
  if (files.length === 0)
    throw notFound(
      `${folder} is a folder with neither a project nor C# files in it. It has: ${names.slice(0, 20).join(', ') || 'nothing'}.`,
    );
  return make.compile({ title: folder, name: path.basename(folder), files });
}

async function sourceFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory() && !NO_SOURCE.test(entry.name)) files.push(...(await sourceFiles(at)));
    else if (entry.isFile() && /\.cs$/i.test(entry.name)) files.push(at);
  }
  return files.sort();
}

async function existing(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return file;
  throw notFound(`There is no file ${file}.`);
}

const notFound = (detail: string): OwinError => new OwinError('ERR_OWIN_APP_NOT_FOUND', detail);
