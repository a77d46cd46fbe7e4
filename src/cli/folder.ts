import { stat } from 'node:fs/promises';
import path from 'node:path';

/** The absolute path of a folder to write to. Throws a text that says what there is instead. */
export async function existingFolder(out: string): Promise<string> {
  const folder = path.resolve(out);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return folder;
  throw found
    ? `${folder} is not a folder. Name one to write to with --out.`
    : `There is no folder ${folder}. Make it, or name another one with --out.`;
}
