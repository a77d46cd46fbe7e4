import { Command } from 'commander';
import { OwinError, type ProbedPlace } from '../errors.ts';
import type { RuntimeInfo } from '../hosting/runtime.ts';
import { describeFailure } from './failure.ts';

const NO_RUNTIME = 1;
const NO_SDK = 2;

/** `owin doctor`: what would be used, what is missing, what to do. */
export function doctor(): Command {
  return new Command('doctor')
    .description('Say which .NET would be used, what is missing, and what to do about it')
    .addHelpText(
      'after',
      `
Exit codes:
  0  apps run, from assemblies and from source
  ${NO_RUNTIME}  no app runs: .NET or this package's native addon cannot be used
  ${NO_SDK}  assemblies run; there is no .NET SDK that compiles source`,
    )
    .option('--dotnet-root <folder>', 'look for .NET there and nowhere else, as dotnetRoot does')
    .action(async ({ dotnetRoot }: { dotnetRoot?: string }) => {
      process.exitCode = await examine(dotnetRoot);
    });
}

async function examine(dotnetRoot: string | undefined): Promise<number> {
  const { platform, arch, version } = process;
  console.log(`Node.js ${version.slice(1)} on ${platform}-${arch}`);
  const runtime = await examineRuntime(dotnetRoot);
  const hasSdk = await examineSdk(runtime ?? { state: 'failed' });
  if (!runtime) return NO_RUNTIME;
  return hasSdk ? 0 : NO_SDK;
}

async function examineRuntime(dotnetRoot: string | undefined): Promise<RuntimeInfo | undefined> {
  try {
    // The addon is loaded by the import, which may be what fails.
    const { start } = await import('../hosting/runtime.ts');
    const runtime = await start(dotnetRoot === undefined ? {} : { dotnetRoot });
    good(`.NET ${runtime.version} in ${runtime.path} (found by: ${runtime.reason})`);
    for (const [name, version] of Object.entries(runtime.frameworks ?? {}))
      detail(`${name} ${version}`);
    if (!runtime.frameworks?.['Microsoft.AspNetCore.App'])
      detail('Microsoft.AspNetCore.App is not there: apps that need ASP.NET Core do not run');
    return runtime;
  } catch (error) {
    bad(describeFailure(error));
    if (error instanceof OwinError) listPlaces(error.probed ?? []);
    return undefined;
  }
}

async function examineSdk(runtime: RuntimeInfo): Promise<boolean> {
  const { findSdk, referenceFolder } = await import('../hosting/sdk.ts');
  try {
    const sdk = await findSdk(runtime);
    const major = Number.parseInt(runtime.version ?? sdk.version, 10);
    if (!(await referenceFolder(sdk, 'Microsoft.NETCore.App', major)))
      throw new Error(
        `The .NET SDK ${sdk.version} in ${sdk.root} has no reference assemblies for .NET ${major}.`,
      );
    good(`.NET SDK ${sdk.version} in ${sdk.root}: C# files and projects can be compiled`);
    return true;
  } catch (error) {
    bad(describeFailure(error));
    detail('Only owin() of source needs it: .cs, .csproj, folders');
    return false;
  }
}

function listPlaces(probed: ProbedPlace[]): void {
  for (const { source, path, outcome } of probed)
    detail(`${source}${path && ` ${path}`}: ${outcome}`);
}

const good = (text: string): void => console.log(`✔ ${text}`);
const bad = (text: string): void => console.log(`✖ ${text}`);
const detail = (text: string): void => console.log(`    ${text}`);
