import path from 'node:path';
import yoctoSpinner from 'yocto-spinner';
import { compileError, isProgram } from './diagnostics.ts';
import { type Ended, run } from './run.ts';
import type { RuntimeInfo } from './runtime.ts';
import { findSdk, type Sdk } from './sdk.ts';

const running = new Map<string, Promise<string>>();

/**
 * Builds a project, or a C# file that is one, with `dotnet build`. A build of it that is under way already is shared.
 *
 * @param project absolute path
 * @param progress whether it is told of on the standard error stream
 * @throws (as a rejection) OwinError `ERR_OWIN_COMPILE` with `diagnostics`, `ERR_OWIN_SDK_NOT_FOUND`
 */
export function buildProject(
  project: string,
  runtime: RuntimeInfo,
  progress: boolean,
): Promise<string> {
  let building = running.get(project);
  if (!building) {
    building = build(project, runtime, progress).finally(() => running.delete(project));
    running.set(project, building);
  }
  return building;
}

async function build(project: string, runtime: RuntimeInfo, progress: boolean): Promise<string> {
  const sdk = await findSdk(runtime);
  const name = path.basename(project);
  const spinner = progress
    ? yoctoSpinner({ text: `Building ${name}`, stream: process.stderr }).start()
    : undefined;
  const begin = performance.now();
  let ended: Ended;
  try {
    ended = await runBuild(sdk, project, runtime);
  } catch (error) {
    spinner?.error(`${name} could not be built`);
    throw error;
  }
  if (ended.code !== 0) {
    spinner?.error(`${name} does not compile`);
    throw compileError(project, ended.output);
  }
  spinner?.success(`Built ${name} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return ended.stdout.trim().split('\n').at(-1) as string;
}

async function runBuild(sdk: Sdk, project: string, runtime: RuntimeInfo): Promise<Ended> {
  if (/\.cs$/i.test(project)) {
    // A file is taken for a program unless told otherwise.
    const library = await dotnetBuild(sdk, project, ['-p:OutputType=Library']);
    return isProgram(library.output) ? dotnetBuild(sdk, project, []) : library;
  }
  const { stdout } = await dotnet(sdk, project, [
    'msbuild',
    project,
    '-getProperty:TargetFrameworks',
  ]);
  const target = newestTarget(stdout, runtime);
  return dotnetBuild(sdk, project, target ? ['-f', target] : []);
}

/** Of several target frameworks the newest that the runtime can run. */
function newestTarget(targetFrameworks: string, { version = '' }: RuntimeInfo): string | undefined {
  const major = (target: string) => Number(/^net(\d+)\.\d+$/.exec(target)?.[1] ?? 0);
  const targets = targetFrameworks
    .trim()
    .split(';')
    .filter((each) => major(each) > 0);
  const fitting = targets.filter((each) => major(each) <= Number.parseInt(version, 10));
  return fitting.sort((a, b) => major(b) - major(a))[0];
}

function dotnetBuild(sdk: Sdk, project: string, more: string[]): Promise<Ended> {
  const configuration = process.env['NODE_ENV'] === 'development' ? 'Debug' : 'Release';
  // A library gets its dependencies beside it, as a program does.
  const properties = ['-p:EnableDynamicLoading=true', ...more];
  const output = ['-v:minimal', '-t:Build', '-getProperty:TargetPath'];
  return dotnet(sdk, project, [
    'build',
    project,
    '-c',
    configuration,
    '--nologo',
    ...properties,
    ...output,
  ]);
}

function dotnet(sdk: Sdk, project: string, args: string[]): Promise<Ended> {
  return run(sdk.dotnet, args, path.dirname(project));
}
