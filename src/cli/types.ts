import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, Option } from 'commander';
import { existingFolder } from './folder.ts';

/** `owin types`: the types of an assembly, and a module that loads it with them. */
export function types(): Command {
  return new Command('types')
    .description('Write TypeScript types of an assembly, and a module that loads it')
    .argument('<assembly>', 'an assembly (.dll), a C# file, a project, or a folder with either')
    .option('-o, --out <folder>', 'folder to write <name>.owin.mjs and <name>.owin.d.mts to', '.')
    .addOption(
      new Option('--int64 <type>', 'what 64-bit integers of .NET come as').choices(['bigint']),
    )
    .action(run);
}

interface TypesOptions {
  out: string;
  int64?: 'bigint';
}

async function run(source: string, { out, int64 }: TypesOptions): Promise<void> {
  const folder = await existingFolder(out);
  const { describeAssembly } = await import('../types/describe.ts');
  const { declare } = await import('../types/declarations.ts');
  const { loader } = await import('../types/loader.ts');
  const { location, description } = await describeAssembly(source);
  const { text, exports, any, unknown, omitted } = declare(description, int64 === 'bigint');

  const stem = path.join(folder, `${description.name}.owin`);
  await writeFile(`${stem}.d.mts`, text);
  await writeFile(`${stem}.mjs`, loader(path.relative(folder, location), exports, int64));
  console.log(`${stem}.mjs and its types: ${exports.join(', ') || 'nothing that is public'}`);
  const others = [...unknown.types.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `any: ${any}, unknown: ${unknown.object + others} (${unknown.object} where .NET says object${others ? `, ${others} of ${[...unknown.types.keys()].sort().join(', ')}` : ''})`,
  );
  if (omitted.length > 0) console.log(`Left out: ${omitted.length}, ${shorten(omitted)}`);
}

const SHOWN = 5;

const shorten = (all: string[]): string =>
  all.slice(0, SHOWN).join('; ') + (all.length > SHOWN ? `; and ${all.length - SHOWN} more` : '');
