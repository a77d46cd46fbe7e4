import { OwinError } from '../errors.ts';
import { command } from '../hosting/commands.ts';
import { checkOptions } from '../hosting/options.ts';
import { type AppSource, absolute, checkSource } from '../hosting/source.ts';
import { assemblyOf, Bound, checkInt64, type FunctionOptions, MethodKind } from './bound.ts';
import { writeReleaseObject } from './call-frames.ts';
import { delegateFunction } from './net-functions.ts';
import { IS_NET_OBJECT } from './net-object.ts';
import { NetIterable } from './net-streams.ts';

/** A namespace, or the static side of a class: namespaces, classes and methods by their names. */
// biome-ignore lint/suspicious/noExplicitAny: what is in it, `npx owin types` writes down
export type Namespace = Record<string, any>;

/** Options of `owin.load()`. */
export type LoadOptions = Pick<FunctionOptions, 'int64'>;

type Method = ((...args: unknown[]) => Promise<unknown>) & { sync(...args: unknown[]): unknown };

/**
 * Loads an assembly: its namespaces, in them its classes, with their static methods, and with `new` where they have
 * constructors. Methods are in camel case, and bound when they are first called.
 *
 *     const { Acme } = await owin.load('Work.dll')
 *     using hasher = await Acme.Hashing.Hasher.new()
 *     await hasher.append(buffer)
 *
 * An object lives in .NET until `dispose()` or the end of a `using` block, which disposes of it there as well; else until
 * JavaScript's garbage collector finds it unreachable.
 *
 * @param source as for `owin()`
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument; as a rejection what `owin()` rejects with
 */
export async function load(source: AppSource, options: LoadOptions = {}): Promise<Namespace> {
  checkSource(source);
  checkOptions('owin.load()', options, { int64: checkInt64 });
  const assembly = assemblyOf(absolute(source));
  const members = await command('members', await assembly);
  const root: Namespace = {};
  for (let i = 0; i + 2 < members.length; i += 3) {
    const [type, statics, methods] = members.slice(i, i + 3) as [string, string, string];
    const path = type.split('.');
    let at = root;
    for (const part of path) at = at[part] ??= {};
    addStatics(at, new ClassOf(assembly, type, methods, options), statics);
  }
  return root;
}

/** A class of .NET's: what its objects share. */
class ClassOf {
  readonly assembly: Promise<string>;
  readonly type: string;
  readonly #options: LoadOptions;
  /** The class of its objects. */
  readonly Object: new (
    number: number,
  ) => NetObject;

  constructor(assembly: Promise<string>, type: string, methods: string, options: LoadOptions) {
    this.#options = options;
    this.assembly = assembly;
    this.type = type;
    this.Object = class extends NetObject {
      override get [Symbol.toStringTag](): string {
        return type;
      }
    };
    for (const [name, method] of named(methods)) {
      const bound = this.lazily(method, MethodKind.instance);
      Object.defineProperty(this.Object.prototype, name, {
        configurable: true,
        get(this: NetObject) {
          const call = ((...args) => this[CALL](bound(), args)) as Method;
          call.sync = (...args) => this[CALL_SYNC](bound(), args);
          // A property of the object from now on: found at once, and the same each time.
          Object.defineProperty(this, name, { value: call, configurable: true });
          return call;
        },
      });
    }
  }

  /** Binds a method when it is first asked for. */
  lazily(method: string, kind: number): () => Bound {
    let bound: Bound | undefined;
    return () =>
      (bound ??= new Bound(this.assembly, `${this.type}.${method}`, this.#options, kind));
  }
}

function addStatics(target: Namespace, type: ClassOf, statics: string): void {
  for (const [name, method] of named(statics)) {
    const isNew = method === 'new';
    const bound = type.lazily(method, isNew ? MethodKind.any : MethodKind.static);
    const call = (async (...args: unknown[]) => {
      const result = await bound().call(args);
      return isNew ? new type.Object(result as number) : result;
    }) as Method;
    call.sync = (...args) => {
      const result = bound().sync(args);
      return isNew ? new type.Object(result as number) : result;
    };
    target[name] = call;
  }
}

const named = (list: string): [string, string][] =>
  list === '' ? [] : list.split(',').map((each) => each.split(':') as [string, string]);

// Symbols, because every other name may be that of a method of .NET's.
const CALL = Symbol('call');
const CALL_SYNC = Symbol('callSync');

const unreachable = new FinalizationRegistry(writeReleaseObject);

/** An object that .NET holds for JavaScript: open → disposing → released, once its calls have ended. */
class NetObject implements Disposable {
  readonly [IS_NET_OBJECT] = true;
  readonly #number: number;
  #calls = 0;
  #disposing = false;

  constructor(number: number) {
    this.#number = number;
    unreachable.register(this, number, this);
  }

  /** Its type in .NET. */
  get [Symbol.toStringTag](): string {
    return 'Object';
  }

  async [CALL](bound: Bound, args: unknown[]): Promise<unknown> {
    this.#check();
    this.#calls++;
    try {
      return await bound.call(args, this.#number);
    } finally {
      if (--this.#calls === 0 && this.#disposing) this.#release();
    }
  }

  [CALL_SYNC](bound: Bound, args: unknown[]): unknown {
    this.#check();
    return bound.sync(args, this.#number);
  }

  /**
   * An event of the object's as an async iterable, which begins at once: what it is raised with, without the sender.
   * Leaving the loop ends it. Up to 4,096 wait to be read.
   *
   *     for await (const change of watcher.events('Changed')) …
   *
   * @throws (from its first step) OwinError `ERR_OWIN_FUNCTION_NOT_FOUND` for another name,
   * `ERR_OWIN_FUNCTION_QUEUE_FULL` where they come faster than they are read
   */
  events(name: string): AsyncIterableIterator<unknown> {
    this.#check();
    const listening = command('events', String(this.#number), name);
    // At once, so that .NET lets go of it also where nobody ever reads.
    const items = listening.then(
      ([number]) => new NetIterable(delegateFunction(Number(number), {})),
    );
    // Who reads hears of what fails.
    items.catch(() => {});
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => (await items).next(),
      return: async (value?: unknown) => (await items).return(value),
    };
  }

  /** Takes no further calls. When those that run have ended, .NET disposes of the object and lets it go. */
  dispose(): void {
    if (this.#disposing) return;
    this.#disposing = true;
    unreachable.unregister(this);
    if (this.#calls === 0) this.#release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #release(): void {
    writeReleaseObject(this.#number);
  }

  #check(): void {
    if (this.#disposing)
      throw new OwinError(
        'ERR_OWIN_FUNCTION_CLOSED',
        `The ${this[Symbol.toStringTag]} was disposed of.`,
      );
  }
}
