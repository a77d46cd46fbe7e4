import { fileURLToPath } from 'node:url';

/** Path of the built assembly of `test/apps/<name>`. */
export function appPath(name: string): string {
  return fileURLToPath(new URL(`../apps/${name}/bin/Release/net10.0/${name}.dll`, import.meta.url));
}
