/**
 * The declarations beside `index.cjs`, from those of the module: a function, and a namespace of what hangs on it and of
 * the types. Each type is imported by its name, as an import: with `import *`, or as a require, TypeScript would take
 * the export 'module.exports'.
 *
 * @param declarations the text of dist/index.d.ts, which holds the interface Owin and ends with the list of exports
 */
export function commonjsTypes(declarations: string): string {
  const [, list] = declarations.match(/^export \{(.*)\};$/m) as RegExpMatchArray;
  const [owin] = declarations.match(/^interface Owin \{.*?^\}/ms) as RegExpMatchArray;
  const names = all(/\b([A-Z]\w*)(?=,| *$)/g, list as string);
  const members = all(/^ {2}readonly (\w+):/gm, owin);
  const [classes, types] = [true, false].map((both) =>
    names.filter((name) => members.includes(name) === both),
  ) as [string[], string[]];
  const mode = `with: { 'resolution-mode': 'import' }`;
  return `import type { ${types.join(', ')} } from './index.js' with { 'resolution-mode': 'import' };

declare function owin(...args: Parameters<Owin>): ReturnType<Owin>;
declare namespace owin {
  export type { ${types.join(', ')} };
${members.map((name) => `  export const ${name}: Owin['${name}'];`).join('\n')}
${classes.map((name) => `  export type ${name} = import('./index.js', { ${mode} }).${name};`).join('\n')}
}

export = owin;
`;
}

function all(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] as string);
}
