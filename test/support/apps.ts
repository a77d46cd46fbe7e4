import { fileURLToPath } from 'node:url';

/** Path of the built assembly of `test/apps/<name>`. */
export function appPath(name: string): string {
  return fileURLToPath(new URL(`../apps/${name}/bin/${name}.dll`, import.meta.url));
}
