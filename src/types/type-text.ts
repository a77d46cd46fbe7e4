import type { SignatureDescription, TypeDescription, TypeReference } from './description.ts';
import { type Direction, records, table, typedArrays } from './mapping.ts';
import { identifier, type Names } from './names.ts';

/** How often a type could not be said. */
export interface UnknownCount {
  /** .NET itself says `object`: any value may come. */
  object: number;
  /** Types that nothing is known of, by name. */
  types: Map<string, number>;
}

const TASK = /^System\.Threading\.Tasks\.(Value)?Task(`1)?$/;
const SPANS = /^System\.(Memory|ReadOnlyMemory|Buffers\.ReadOnlySequence|ArraySegment)`1$/;

/** Writes references to types. */
export class TypeText {
  readonly unknown: UnknownCount = { object: 0, types: new Map() };
  readonly #types: Map<string, TypeDescription>;
  readonly #bigint: boolean;
  /** Types whose shape depends on the direction. */
  readonly #twofold = new Set<string>();
  /** Names of the plain objects that stand for instances, where a member mentions them. */
  readonly values = new Set<string>();

  /** @param bigint whether 64-bit integers always come as bigint */
  constructor(
    types: TypeDescription[],
    readonly names: Names,
    bigint: boolean,
  ) {
    this.#types = new Map(types.map((type) => [type.id, type]));
    this.#bigint = bigint;
    this.#findTwofold(types.filter(({ data }) => data));
  }

  /** The name of a type itself. */
  name(type: TypeDescription, direction: Direction): string {
    return direction === 'in' && this.isTwofold(type)
      ? this.names.beside(type.id, 'Input')
      : (this.names.of(type.id) as string);
  }

  isTwofold(type: TypeDescription): boolean {
    return this.#twofold.has(type.id);
  }

  of(reference: TypeReference, direction: Direction): string {
    const text = this.#plain(reference, direction);
    if (!reference.nullable || text === 'unknown') return text;
    return `${reference.delegate ? `(${text})` : text} | null`;
  }

  /** What a function of JavaScript's or .NET's looks like. */
  callable(signature: SignatureDescription, direction: Direction): string {
    const back = direction === 'in' ? 'out' : 'in';
    const parameters = signature.parameters.map(
      ({ name, type, params }) =>
        `${params ? '...' : ''}${identifier(name)}: ${this.of(type, back)}`,
    );
    const result = this.result(signature.returns, direction);
    const promise = this.names.visible('Promise');
    const returned =
      direction === 'in' ? `${result} | ${promise}<${result}>` : `${promise}<${result}>`;
    return `(${parameters.join(', ')}) => ${returned}`;
  }

  /** What a call gives once it is awaited. */
  result(reference: TypeReference, direction: Direction): string {
    if (!this.isTask(reference)) return this.of(reference, direction);
    const [inner] = reference.arguments ?? [];
    return inner ? this.of(inner, direction) : 'void';
  }

  isTask({ id }: TypeReference): boolean {
    return TASK.test(id);
  }

  #plain(reference: TypeReference, direction: Direction): string {
    const { id, arguments: given = [], like, delegate } = reference;
    if (id.startsWith('!')) return identifier(id.slice(1));
    if (delegate) return this.callable(delegate, direction);
    const mapping = this.#mapping(reference);
    if (mapping) {
      if (mapping.any) this.unknown.object++;
      return this.#fill(this.names.visible(mapping[direction]), given, direction);
    }
    const described = this.#types.get(id);
    if (described?.kind === 'enum' && direction === 'in')
      return `${this.name(described, 'out')} | number`;
    if (described && (described.data || described.kind === 'enum'))
      return this.name(described, direction) + this.#arguments(given, direction);
    if (like && !(described && like.id === 'System.Collections.IEnumerable'))
      return this.#plain(like, direction);
    if (described) return this.#value(described, given, direction);
    this.unknown.types.set(id, (this.unknown.types.get(id) ?? 0) + 1);
    return 'unknown';
  }

  // An instance stays in .NET: what crosses in its place is a plain object of its properties.
  #value(type: TypeDescription, given: TypeReference[], direction: Direction): string {
    if (direction === 'in' && type.kind !== 'struct' && type.constructors.length === 0)
      return 'null';
    const name = this.valueName(type, direction);
    this.values.add(name);
    return name + this.#arguments(given, direction);
  }

  /** The name of the plain object that crosses in the place of an instance. */
  valueName(type: TypeDescription, direction: Direction): string {
    return this.names.beside(type.id, direction === 'in' ? 'ValueInput' : 'Value');
  }

  #mapping({ id, arguments: given = [] }: TypeReference) {
    const [first] = given;
    if (id === '[]' || SPANS.test(id)) {
      const typed = first && !first.nullable ? typedArrays[first.id] : undefined;
      return typed ?? table['System.Collections.Generic.IEnumerable`1'];
    }
    if (this.#bigint && /^System\.U?Int64$/.test(id)) return table['System.Int128'];
    return (first?.id === 'System.String' ? records[id] : undefined) ?? table[id];
  }

  #fill(text: string, given: TypeReference[], direction: Direction): string {
    return text.replace(/\$(\d)(\[\])?/g, (_, index: string, brackets = '') => {
      const argument = given[Number(index)];
      const filled = argument ? this.of(argument, direction) : 'unknown';
      return brackets && /[ |]/.test(filled) ? `(${filled})[]` : filled + brackets;
    });
  }

  #arguments(given: TypeReference[], direction: Direction): string {
    return given.length === 0
      ? ''
      : `<${given.map((each) => this.of(each, direction)).join(', ')}>`;
  }

  // A type is twofold when one of its properties is, so this goes on until nothing is added.
  #findTwofold(types: TypeDescription[]): void {
    const { object, types: counted } = this.unknown;
    for (let size = -1; size < this.#twofold.size; ) {
      size = this.#twofold.size;
      for (const type of types)
        if (type.properties.some((each) => this.#isTwofoldProperty(each)))
          this.#twofold.add(type.id);
    }
    this.unknown.object = object;
    counted.clear();
  }

  #isTwofoldProperty(property: TypeDescription['properties'][number]): boolean {
    if (property.static || !property.key) return false;
    return (
      !property.canInit !== !property.canRead ||
      !property.required ||
      this.of(property.type, 'in') !== this.of(property.type, 'out')
    );
  }
}
