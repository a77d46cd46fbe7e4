/**
 * The text of a module that loads an assembly and exports what is in it.
 *
 * @param assembly its path, relative to the module
 * @param exports the namespaces and types at its top
 */
export function loader(assembly: string, exports: string[], int64?: 'bigint'): string {
  const url = assembly.split(/[\\/]/).map(encodeURIComponent).join('/');
  const options = int64 ? ", { int64: 'bigint' }" : '';
  const file = `fileURLToPath(new URL('${url.startsWith('.') ? url : `./${url}`}', import.meta.url))`;
  return `// Written by \`owin types\`. Do not edit.
import { fileURLToPath } from 'node:url';
import { owin } from 'owin';

export const { ${exports.join(', ')} } = await owin.load(${file}${options});
`;
}
