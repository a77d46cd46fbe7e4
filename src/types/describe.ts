import path from 'node:path';
import { command } from '../hosting/commands.ts';
import { start } from '../hosting/runtime.ts';
import { absolute, resolveSource } from '../hosting/source.ts';
import type { AssemblyDescription } from './description.ts';

/**
 * Asks .NET what an assembly has; none of its code runs.
 *
 * @param source path of an assembly, or of what one is built from
 * @throws (as a rejection) OwinError `ERR_OWIN_APP_NOT_FOUND`, `ERR_OWIN_APP_FORMAT`, `ERR_OWIN_APP_DEPENDENCY`, and
 * what building it rejects with
 */
export async function describeAssembly(
  source: string,
): Promise<{ location: string; description: AssemblyDescription }> {
  const location = path.resolve(await resolveSource(absolute(source), await start(), true));
  const [json] = await command('describe', location);
  return { location, description: JSON.parse(json as string) };
}
