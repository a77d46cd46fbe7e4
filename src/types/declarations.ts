import type { AssemblyDescription, TypeDescription } from './description.ts';
import { Lines } from './lines.ts';
import type { Direction } from './mapping.ts';
import { Members } from './members.ts';
import { key, Names, parameterList } from './names.ts';
import { TypeText, type UnknownCount } from './type-text.ts';

/** What became of an assembly. */
export interface Declarations {
  /** The text of a .d.mts file. */
  text: string;
  /** The namespaces and types at its top, which the loader exports. */
  exports: string[];
  /** How often a type is `any` in it. */
  any: number;
  /** How often a type is `unknown`. */
  unknown: UnknownCount;
  /** Members that are left out, with why. */
  omitted: string[];
}

/**
 * Writes the types of an assembly as `owin.load()` gives them.
 *
 * @param bigint 64-bit integers always come as bigint, as with `int64: 'bigint'`
 */
export function declare(assembly: AssemblyDescription, bigint: boolean): Declarations {
  // The plain objects of instances that are mentioned mention others.
  for (let values = new Set<string>(); ; ) {
    const writer = new Writer(assembly, bigint, values);
    const declarations = writer.write();
    if (writer.mentioned.size === values.size) return declarations;
    values = writer.mentioned;
  }
}

class Writer {
  readonly #types: TypeDescription[];
  readonly #text: TypeText;
  readonly #lines = new Lines();
  readonly #members: Members;

  constructor(
    readonly assembly: AssemblyDescription,
    bigint: boolean,
    readonly values: ReadonlySet<string>,
  ) {
    this.#types = assembly.types;
    this.#text = new TypeText(this.#types, new Names(this.#types), bigint);
    this.#members = new Members(this.#text, this.#lines);
  }

  /** The plain objects of instances that stand in the text. */
  get mentioned(): Set<string> {
    return this.#text.values;
  }

  write(): Declarations {
    const { name, version } = this.assembly;
    const tree = this.#tree();
    for (const [part, node] of tree.children) this.#writeNode(part, node, true);
    const exports = [...tree.children].filter(([, node]) => hasValues(node)).map(([part]) => part);
    const body = this.#lines.text;
    const readable = /\bReadable\b/.test(body)
      ? "import type { Readable } from 'node:stream';\n"
      : '';
    return {
      text: `// Types of ${name} ${version}, written by \`owin types\`. Do not edit.\n${readable}${body}export {};\n`,
      exports,
      any: countAny(body),
      unknown: this.#text.unknown,
      omitted: this.#types
        .filter(({ own }) => own)
        .flatMap(({ id, omitted }) => omitted.map((each) => `${id}.${each}`)),
    };
  }

  #tree(): Node {
    const root = newNode();
    for (const type of this.#types) {
      let node = root;
      for (const part of (this.#text.names.of(type.id) as string).split('.')) {
        let child = node.children.get(part);
        if (!child) node.children.set(part, (child = newNode()));
        node = child;
      }
      node.type = type;
    }
    return root;
  }

  // A nested type's static side is a property of the type around it, which can be no namespace with values in it.
  #writeNode(name: string, node: Node, top: boolean, nested = false): void {
    const { type, children } = node;
    const prefix = top ? (hasOwn(node) ? 'export declare ' : 'declare ') : '';
    if (type) this.#writeType(name, type, prefix);
    if (hasStatics(node) && !nested && type) {
      this.#lines.docs(isStatic(type) ? type.docs : undefined);
      this.#writeStatics(`${prefix}const ${name}`, node);
    }
    if (children.size === 0) return;
    this.#lines.blockOfAny(`${prefix}namespace ${name} {`, () => {
      for (const [part, child] of children)
        this.#writeNode(part, child, false, nested || Boolean(type));
    });
  }

  #writeType(name: string, type: TypeDescription, prefix: string): void {
    if (type.kind === 'enum') this.#writeEnum(name, type, prefix);
    else if (type.data) this.#writeData(name, type, prefix);
    else this.#writeInstance(name, type, prefix);
  }

  #writeEnum(name: string, { docs, enumMembers, flags }: TypeDescription, prefix: string): void {
    this.#lines.docs(docs);
    const members = enumMembers.map((each) => JSON.stringify(each.name));
    // Several names of a flags enum are joined by commas.
    const text = flags ? [...members, 'string & {}'] : members;
    this.#lines.add(`${prefix}type ${name} = ${text.join(' | ') || 'never'};`);
  }

  #writeData(name: string, type: TypeDescription, prefix: string): void {
    this.#lines.docs(type.docs);
    this.#writeProperties(prefix, name, type, 'out');
    if (!this.#text.isTwofold(type)) return;
    this.#lines.docs(`What becomes a {@link ${name}} in .NET.`);
    this.#writeProperties(prefix, last(this.#text.name(type, 'in')), type, 'in');
  }

  #writeProperties(
    prefix: string,
    name: string,
    type: TypeDescription,
    direction: Direction,
  ): void {
    this.#lines.block(`${prefix}interface ${name}${parameterList(type.typeParameters)} {`, () => {
      for (const property of type.properties) {
        const { key: given, static: isStatic, canRead, canInit, required, docs } = property;
        if (isStatic || !given || !(direction === 'in' ? canInit : canRead)) continue;
        this.#lines.docs(docs);
        const optional = direction === 'in' && !required ? '?' : '';
        const text = this.#text.of(property.type, direction);
        this.#lines.add(`${key(given)}${optional}: ${text}${optional && ' | undefined'};`);
      }
    });
  }

  #writeInstance(name: string, type: TypeDescription, prefix: string): void {
    for (const direction of ['out', 'in'] as const) {
      if (!this.values.has(this.#text.valueName(type, direction))) continue;
      this.#lines.docs(
        direction === 'in'
          ? `What becomes a ${name} in .NET.`
          : `What crosses in the place of a ${name}: its properties.`,
      );
      const value = last(this.#text.valueName(type, direction));
      this.#writeProperties(prefix, value, type, direction);
    }
    if (isOpen(type)) this.#writeOpen(type);
    if (!isMade(type)) return;
    this.#lines.docs(type.docs);
    const [now, later] = ['Disposable', 'AsyncDisposable'].map((each) =>
      this.#text.names.visible(each),
    );
    this.#lines.block(`${prefix}interface ${name} extends ${now}, ${later} {`, () => {
      this.#lines.docs('Lets the instance go, and disposes of it where .NET can.');
      this.#lines.add('dispose(): void;');
      this.#members.methods(type.methods.filter((each) => !each.static));
      this.#members.properties(type.properties.filter((each) => !each.static));
      this.#members.events(type.events);
    });
  }

  // The reader who misses it is to find why.
  #writeOpen({ name, typeParameters }: TypeDescription): void {
    const full = `${name.replace(/`\d+/g, '')}<${typeParameters.join(', ')}>`;
    this.#lines.add(
      `// ${full}: owin.load() leaves out what is generic. A class that derives from it has its members, and`,
    );
    this.#lines.add(`// owin.func() calls one that is named with the type arguments.`);
    this.#lines.add(
      `// ${typeParameters.join(' and ')} ${typeParameters.length > 1 ? 'are' : 'is'}.`,
    );
  }

  #writeStatics(name: string, { type, children }: Node): void {
    if (!type) return;
    const inside = () => {
      if (!type.data)
        this.#members.constructors(type.constructors, this.#text.names.of(type.id) as string);
      this.#members.methods(type.methods.filter((each) => each.static));
      this.#members.properties(type.properties.filter((each) => each.static));
      for (const [part, child] of children)
        if (hasStatics(child)) this.#writeStatics(`readonly ${key(part)}`, child);
    };
    this.#lines.block(`${name}: {`, inside, '};');
  }
}

interface Node {
  type?: TypeDescription | undefined;
  children: Map<string, Node>;
}

const newNode = (): Node => ({ children: new Map() });

// Of a namespace: whether a value is in it.
const hasValues = (node: Node): boolean =>
  hasStatics(node) || [...node.children.values()].some(hasValues);

const hasStatics = ({ type, children }: Node): boolean =>
  type !== undefined &&
  Boolean(type.own) &&
  type.kind !== 'enum' &&
  type.typeParameters.length === 0 &&
  ((type.constructors.length > 0 && !type.data) ||
    type.methods.some((each) => each.static) ||
    type.properties.some((each) => each.static && each.callable) ||
    [...children.values()].some(hasStatics));

const hasOwn = ({ type, children }: Node): boolean =>
  (type?.own ?? false) || [...children.values()].some(hasOwn);

// Types stand behind one of these signs; names of members do not.
const countAny = (text: string): number =>
  text.replace(/\/\*[\s\S]*?\*\/|^ *\/\/.*$/gm, '').match(/[:<(|,&] *any\b/g)?.length ?? 0;

/** A name without its namespace. */
const last = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

// Of what a generic class does, owin.load() has nothing.
const isOpen = ({ own, kind, typeParameters, constructors, methods }: TypeDescription): boolean =>
  Boolean(own) &&
  kind !== 'interface' &&
  typeParameters.length > 0 &&
  constructors.length + methods.length > 0;

// By `new` of owin.load().
const isMade = ({ own, typeParameters, constructors }: TypeDescription): boolean =>
  Boolean(own) && typeParameters.length === 0 && constructors.length > 0;

const isStatic = ({ kind, constructors, methods, properties }: TypeDescription): boolean =>
  kind === 'class' &&
  constructors.length === 0 &&
  [...methods, ...properties].every((each) => each.static);
