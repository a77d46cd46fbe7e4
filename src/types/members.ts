import type {
  EventDescription,
  MethodDescription,
  ParameterDescription,
  PropertyDescription,
  SignatureDescription,
  TypeReference,
} from './description.ts';
import type { Lines } from './lines.ts';
import { identifier, key, parameterList } from './names.ts';
import type { TypeText } from './type-text.ts';

const TOKEN = 'System.Threading.CancellationToken';
const PROGRESS = 'System.IProgress`1';
const OBJECT: TypeReference = { id: 'System.Object' };

/** Writes what of a class can be called, its properties, and its events. */
export class Members {
  constructor(
    readonly text: TypeText,
    readonly lines: Lines,
  ) {}

  /** Overloads are one member, with `sync` where none of them returns a Task. */
  methods(methods: MethodDescription[]): void {
    const named = new Map<string, SignatureDescription[]>();
    for (const { name, signature } of methods)
      named.set(name, [...(named.get(name) ?? []), signature]);
    for (const [name, signatures] of named) {
      const result = ({ returns }: SignatureDescription) => this.text.result(returns, 'out');
      if (signatures.some(({ returns }) => this.text.isTask(returns)))
        for (const each of signatures) this.#later(key(name), each, result(each));
      else this.#atOnce(key(name), signatures, result);
    }
  }

  /** @param made the type of what they make */
  constructors(constructors: SignatureDescription[], made: string): void {
    if (constructors.length > 0) this.#atOnce('new', constructors, () => made);
  }

  /** Those that `owin.load()` has: read by calls, and written by `set`. */
  properties(properties: PropertyDescription[]): void {
    const promise = this.text.names.visible('Promise');
    for (const { name, type, callable, canRead, canWrite, docs } of properties) {
      if (!callable) continue;
      this.lines.docs(docs);
      const inside = () => {
        const given = this.text.result(type, 'out');
        if (canRead) this.lines.add(`(): ${promise}<${given}>;`);
        if (canRead && !this.text.isTask(type)) this.lines.add(`sync(): ${given};`);
        if (!canWrite) return;
        const taken = this.text.of(type, 'in');
        this.lines.add(
          `readonly set: { (value: ${taken}): ${promise}<void>; sync(value: ${taken}): void };`,
        );
      };
      this.lines.block(`readonly ${key(name)}: {`, inside, '};');
    }
  }

  /** The names that `events()` takes, and with what each is raised. */
  events(events: EventDescription[]): void {
    for (const { name, docs, parameters } of events) {
      this.lines.docs(docs);
      const iterator = this.text.names.visible('AsyncIterableIterator');
      this.lines.add(
        `events(name: ${JSON.stringify(name)}): ${iterator}<${this.#raised(parameters)}>;`,
      );
    }
  }

  #later(name: string, signature: SignatureDescription, result: string): void {
    this.lines.docs(signature.docs);
    const { types, values, options } = this.#taken(signature);
    const promise = this.text.names.visible('Promise');
    this.lines.add(
      `${name}${types}(${[...values, ...options].join(', ')}): ${promise}<${result}>;`,
    );
  }

  #atOnce(
    name: string,
    signatures: SignatureDescription[],
    result: (signature: SignatureDescription) => string,
  ): void {
    const promise = this.text.names.visible('Promise');
    const inside = () => {
      const sync: string[] = [];
      for (const signature of signatures) {
        const { types, values, options } = this.#taken(signature);
        const given = result(signature);
        this.lines.docs(signature.docs);
        this.lines.add(`${types}(${[...values, ...options].join(', ')}): ${promise}<${given}>;`);
        sync.push(`sync${types}(${values.join(', ')}): ${given};`);
      }
      for (const each of sync) this.lines.add(each);
    };
    this.lines.block(`readonly ${name}: {`, inside, '};');
  }

  #taken({ typeParameters, parameters }: SignatureDescription) {
    const given = parameters.filter((each) => !isOption(each));
    const options = parameters.filter(isOption).map(({ type }) => this.#option(type));
    const name = given.some((each) => each.name === 'options') ? 'callOptions' : 'options';
    const rest = given.some(({ params }) => params);
    return {
      types: parameterList(typeParameters),
      values: given.map((each) => this.#value(each)),
      // Nothing may stand behind a rest parameter.
      options: options.length === 0 || rest ? [] : [`${name}?: { ${options.join('; ')} }`],
    };
  }

  #value({ name, type, optional, params }: ParameterDescription): string {
    if (params) {
      const element = this.text.of(type.arguments?.[0] ?? OBJECT, 'in');
      return `...${identifier(name)}: (${element})[]`;
    }
    return `${identifier(name)}${optional ? '?' : ''}: ${this.text.of(type, 'in')}`;
  }

  #option(type: TypeReference): string {
    if (type.id === TOKEN) return `signal?: ${this.text.names.visible('AbortSignal')}`;
    return `progress?: (value: ${this.text.of(type.arguments?.[0] ?? OBJECT, 'out')}) => void`;
  }

  // The sender is the object itself.
  #raised(parameters: ParameterDescription[]): string {
    const [first] = parameters;
    const hasSender =
      parameters.length > 1 && first?.name === 'sender' && first.type.id === OBJECT.id;
    const types = parameters.slice(hasSender ? 1 : 0).map(({ type }) => this.text.of(type, 'out'));
    return types.length > 1 ? `[${types.join(', ')}]` : (types[0] ?? 'null');
  }
}

const isOption = ({ type }: ParameterDescription): boolean =>
  type.id === TOKEN || type.id === PROGRESS;
