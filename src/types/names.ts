import type { TypeDescription } from './description.ts';
import { globals } from './mapping.ts';

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
// What may name no parameter, type or namespace.
const RESERVED = new Set(
  'any arguments as await bigint boolean break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let never new null number object package private protected public return static string super switch symbol this throw true try type typeof undefined unknown var void while with yield'.split(
    ' ',
  ),
);

/** A name of .NET's as one of TypeScript's. */
export function identifier(name: string): string {
  if (RESERVED.has(name)) return `${name}_`;
  return IDENTIFIER.test(name)
    ? name
    : name.replace(/[^\p{ID_Continue}$]/gu, '_').replace(/^(?=\d)/, '_');
}

/** The name of a property, in quotes where it must have them. */
export const key = (name: string): string =>
  IDENTIFIER.test(name) && name !== 'new' && name !== 'constructor' ? name : JSON.stringify(name);

/** Type parameters as a declaration has them. */
export const parameterList = (names: string[]): string =>
  names.length === 0 ? '' : `<${names.map(identifier).join(', ')}>`;

/** Where the types of an assembly are in the text. */
export class Names {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #hidden: Set<string>;

  constructor(types: TypeDescription[]) {
    const taken = this.#taken;
    // Of several with one name, the one without type parameters keeps it.
    for (const { id, namespace = '', name } of [...types].sort(
      (a, b) => a.id.length - b.id.length,
    )) {
      const plain = [...namespace.split('.'), ...name.replace(/`\d+/g, '').split('.')]
        .filter(Boolean)
        .map(identifier)
        .join('.');
      const arity = /`(\d+)$/.exec(id)?.[1] ?? '';
      const chosen = taken.has(plain) ? `${plain}Of${arity}` : plain;
      taken.add(chosen);
      this.#names.set(id, chosen);
    }
    const used = new Set([...taken].flatMap((each) => each.split('.')));
    this.#hidden = new Set(globals.filter((each) => used.has(each) || used.has(`${each}Input`)));
  }

  /** With its namespace, its parts divided by dots; undefined: not described. */
  of(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** A name beside that of a type, which no other type has. */
  beside(id: string, suffix: string): string {
    const name = this.of(id) + suffix;
    return this.#taken.has(name) ? this.beside(id, `${suffix}_`) : name;
  }

  /** The same text with JavaScript's own types spelled so that nothing hides them. */
  visible(text: string): string {
    if (this.#hidden.size === 0) return text;
    return text.replace(/\b\w+\b/g, (word) =>
      this.#hidden.has(word) ? `globalThis.${word}` : word,
    );
  }
}
