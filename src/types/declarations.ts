import type {
  AssemblyDescription,
  ParameterDescription,
  SignatureDescription,
  TypeDescription,
} from './description.ts';
import type { Direction } from './mapping.ts';
import { identifier, key, Names } from './names.ts';
import { TypeText, type UnknownCount } from './type-text.ts';

/** What became of an assembly. */
export interface Declarations {
  /** The text of a .d.mts file. */
  text: string;
  /** The namespaces and types at its top, which the loader exports. */
  exports: string[];
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

const TOKEN = 'System.Threading.CancellationToken';
const PROGRESS = 'System.IProgress`1';

class Writer {
  readonly #types: TypeDescription[];
  readonly #text: TypeText;
  readonly #lines: string[] = [];
  #depth = 0;

  constructor(
    readonly assembly: AssemblyDescription,
    bigint: boolean,
    readonly values: ReadonlySet<string>,
  ) {
    this.#types = assembly.types;
    this.#text = new TypeText(this.#types, new Names(this.#types), bigint);
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
    const body = `${this.#lines.join('\n')}\n`;
    const readable = /\bReadable\b/.test(body)
      ? "import type { Readable } from 'node:stream';\n"
      : '';
    return {
      text: `// Types of ${name} ${version}, written by \`owin types\`. Do not edit.\n${readable}${body}export {};\n`,
      exports,
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
      this.#docs(isStatic(type) ? type.docs : undefined);
      this.#writeStatics(`${prefix}const ${name}`, node);
    }
    if (children.size === 0) return;
    this.#line(`${prefix}namespace ${name} {`);
    this.#depth++;
    for (const [part, child] of children)
      this.#writeNode(part, child, false, nested || Boolean(type));
    this.#depth--;
    this.#line('}');
  }

  #writeType(name: string, type: TypeDescription, prefix: string): void {
    if (type.kind === 'enum') this.#writeEnum(name, type, prefix);
    else if (type.data) this.#writeData(name, type, prefix);
    else this.#writeInstance(name, type, prefix);
  }

  #writeEnum(name: string, { docs, enumMembers, flags }: TypeDescription, prefix: string): void {
    this.#docs(docs);
    const members = enumMembers.map((each) => JSON.stringify(each.name));
    // Several names of a flags enum are joined by commas.
    const text = flags ? [...members, 'string & {}'] : members;
    this.#line(`${prefix}type ${name} = ${text.join(' | ') || 'never'};`);
  }

  #writeData(name: string, type: TypeDescription, prefix: string): void {
    this.#docs(type.docs);
    this.#writeProperties(prefix, name, type, 'out');
    if (!this.#text.isTwofold(type)) return;
    this.#docs(`What becomes a {@link ${name}} in .NET.`);
    this.#writeProperties(prefix, last(this.#text.name(type, 'in')), type, 'in');
  }

  #writeProperties(
    prefix: string,
    name: string,
    type: TypeDescription,
    direction: Direction,
  ): void {
    this.#line(`${prefix}interface ${name}${parameters(type.typeParameters)} {`);
    this.#depth++;
    for (const property of type.properties) {
      const { key: given, static: isStatic, canRead, canInit, required, docs } = property;
      if (isStatic || !given || !(direction === 'in' ? canInit : canRead)) continue;
      this.#docs(docs);
      const optional = direction === 'in' && !required ? '?' : '';
      const text = this.#text.of(property.type, direction);
      this.#line(`${key(given)}${optional}: ${text}${optional && ' | undefined'};`);
    }
    this.#depth--;
    this.#line('}');
  }

  #writeInstance(name: string, type: TypeDescription, prefix: string): void {
    for (const direction of ['out', 'in'] as const) {
      if (!this.values.has(this.#text.valueName(type, direction))) continue;
      this.#docs(
        direction === 'in'
          ? `What becomes a ${name} in .NET.`
          : `What crosses in the place of a ${name}: its properties.`,
      );
      const value = last(this.#text.valueName(type, direction));
      this.#writeProperties(prefix, value, type, direction);
    }
    if (!isMade(type)) return;
    this.#docs(type.docs);
    const { names } = this.#text;
    this.#line(`${prefix}interface ${name} extends ${names.visible('Disposable')} {`);
    this.#depth++;
    this.#line('/** Lets the instance go, and disposes of it where .NET can. */');
    this.#line('dispose(): void;');
    this.#writeMembers(type, false);
    this.#depth--;
    this.#line('}');
  }

  #writeStatics(name: string, { type, children }: Node): void {
    if (!type) return;
    this.#line(`${name}: {`);
    this.#depth++;
    if (!type.data)
      for (const signature of type.constructors) {
        this.#docs(signature.docs);
        const promise = `${this.#text.names.visible('Promise')}<${this.#text.names.of(type.id)}>`;
        this.#line(`"new"(${this.#parameters(signature)}): ${promise};`);
      }
    this.#writeMembers(type, true);
    for (const [part, child] of children)
      if (hasStatics(child)) this.#writeStatics(`readonly ${key(part)}`, child);
    this.#depth--;
    this.#line('};');
  }

  #writeMembers(type: TypeDescription, statics: boolean): void {
    const ofKind = <T extends { static?: boolean }>(members: T[]) =>
      members.filter((each) => Boolean(each.static) === statics);
    for (const { name, signature } of ofKind(type.methods)) {
      if (name === 'dispose' && signature.parameters.length === 0) continue;
      this.#docs(signature.docs);
      this.#line(
        `${key(name)}${parameters(signature.typeParameters)}(${this.#parameters(signature)}): ${this.#returned(signature)};`,
      );
    }
  }

  #parameters({ parameters: all }: SignatureDescription): string {
    const options = all.filter(isOption);
    const positional = all.filter((each) => !isOption(each));
    const texts = positional.map((each) => this.#parameter(each));
    if (options.length > 0 && !positional.some(({ params }) => params))
      texts.push(
        `${optionsName(positional)}?: { ${options.map((each) => this.#option(each)).join('; ')} }`,
      );
    return texts.join(', ');
  }

  #parameter({ name, type, optional, params }: ParameterDescription): string {
    if (params) {
      const element = this.#text.of(type.arguments?.[0] ?? { id: 'System.Object' }, 'in');
      return `...${identifier(name)}: (${element})[]`;
    }
    return `${identifier(name)}${optional ? '?' : ''}: ${this.#text.of(type, 'in')}`;
  }

  #option({ type }: ParameterDescription): string {
    if (type.id === TOKEN) return `signal?: ${this.#text.names.visible('AbortSignal')}`;
    const value = this.#text.of(type.arguments?.[0] ?? { id: 'System.Object' }, 'out');
    return `progress?: (value: ${value}) => void`;
  }

  #returned({ returns }: SignatureDescription): string {
    const { names } = this.#text;
    return `${names.visible('Promise')}<${this.#text.result(returns, 'out')}>`;
  }

  #docs(text: string | undefined): void {
    if (!text) return;
    const lines = text.replaceAll('*/', '*\\/').split('\n');
    if (lines.length === 1) this.#line(`/** ${lines[0]} */`);
    else for (const line of ['/**', ...lines.map((each) => ` * ${each}`), ' */']) this.#line(line);
  }

  #line(text: string): void {
    this.#lines.push('  '.repeat(this.#depth) + text);
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
    [...children.values()].some(hasStatics));

const hasOwn = ({ type, children }: Node): boolean =>
  (type?.own ?? false) || [...children.values()].some(hasOwn);

const optionsName = (parameters: ParameterDescription[]): string =>
  parameters.some(({ name }) => name === 'options') ? 'callOptions' : 'options';

const isOption = ({ type }: ParameterDescription): boolean =>
  type.id === TOKEN || type.id === PROGRESS;

/** A name without its namespace. */
const last = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const parameters = (names: string[]): string =>
  names.length === 0 ? '' : `<${names.map(identifier).join(', ')}>`;

// By `new` of owin.load(), which has no generic types.
const isMade = ({ own, typeParameters, constructors }: TypeDescription): boolean =>
  Boolean(own) && typeParameters.length === 0 && constructors.length > 0;

const isStatic = ({ kind, constructors, methods, properties, events }: TypeDescription): boolean =>
  kind === 'class' &&
  constructors.length === 0 &&
  [...methods, ...properties, ...events].every((each) => each.static);
