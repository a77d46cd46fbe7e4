import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { existingFolder } from './folder.ts';

/** `owin client`: a typed client of an app, from its OpenAPI document. */
export function client(): Command {
  return new Command('client')
    .description('Write a typed client of an app, from its OpenAPI document and over handler.fetch')
    .argument('<app>', 'an assembly (.dll), a project, or a folder with one')
    .option('-o, --out <folder>', 'folder to write <name>.client.mjs and its types to', '.')
    .option('--document <path>', 'where the app serves its OpenAPI document', '/openapi/v1.json')
    .option('--env <name>', "the app's environment, in which it serves it", 'Development')
    .action(run);
}

interface ClientOptions {
  out: string;
  document: string;
  env: string;
}

async function run(source: string, { out, document, env }: ClientOptions): Promise<void> {
  const folder = await existingFolder(out);
  const { findGenerator } = await import('../client/generator.ts');
  const generate = findGenerator(folder);
  const { readDocument } = await import('../client/document.ts');
  const { name, text } = await readDocument(source, document, env);
  const { clientModule, clientTypes } = await import('../client/module.ts');

  const stem = path.join(folder, name);
  await writeFile(`${stem}.openapi.d.mts`, await generate(text));
  await writeFile(`${stem}.client.mjs`, clientModule(name));
  await writeFile(`${stem}.client.d.mts`, clientTypes(name));
  console.log(`${stem}.client.mjs, its types, and ${stem}.openapi.d.mts`);
}
