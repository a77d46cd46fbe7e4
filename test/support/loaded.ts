import owin, { type Handler } from 'owin';
import { appPath } from './apps.ts';

let kitchen: Handler | undefined;

/** How many assemblies of that name are in memory, after what nothing refers to has gone. */
export async function loaded(name: string): Promise<string> {
  kitchen ??= owin(appPath('Kitchen'));
  await get('/heap');
  return get(`/loaded?name=${name}`);
}

async function get(target: string): Promise<string> {
  return (await (kitchen as Handler).fetch(new Request(`http://kitchen${target}`))).text();
}
