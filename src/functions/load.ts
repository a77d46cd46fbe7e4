import { command } from '../hosting/commands.ts';
import { checkOptions } from '../hosting/options.ts';
import { type AppSource, absolute, checkSource } from '../hosting/source.ts';
import { assemblyOf, Bound, checkInt64, type FunctionOptions, MethodKind } from './bound.ts';
import type { Dialect } from './dialect.ts';
import { CALL, CALL_SYNC, LoadedObject } from './loaded-object.ts';
import { type Bind, type Calls, membersOf } from './members.ts';

/** A namespace, or the static side of a class: namespaces, classes and members by their names. */
// biome-ignore lint/suspicious/noExplicitAny: what is in it, `npx owin types` writes down
export type Namespace = Record<string, any>;

/** Options of `owin.load()`. */
export type LoadOptions = Pick<FunctionOptions, 'int64'>;

/**
 * Loads an assembly: its namespaces, in them its classes, with their static members, and with `new` where they have
 * constructors. Names are in camel case; a member is bound when it is first called.
 *
 *     const { Acme } = await owin.load('Work.dll')
 *     using hasher = await Acme.Hashing.Hasher.new()
 *     await hasher.append(buffer)
 *     await hasher.length()            // a property: read by calling it
 *     await hasher.algorithm.set('SHA1')
 *
 * An object lives in .NET until `dispose()` or the end of a `using` or `await using` block, which disposes of it there
 * as well; else until JavaScript's garbage collector finds it unreachable.
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
    const [type, statics, onObjects] = members.slice(i, i + 3) as [string, string, string];
    const path = type.split('.');
    let at = root;
    for (const part of path) at = at[part] ??= {};
    // Bound when it is first asked for.
    const bind: Bind = (member, kind) => {
      let bound: Bound | undefined;
      return () => (bound ??= new Bound(assembly, `${type}.${member}`, options, kind));
    };
    addStatics(at, statics, bind, classOf(type, onObjects, bind, options));
  }
  return root;
}

type ObjectClass = new (number: number) => LoadedObject;

/** The class of a type's objects. */
function classOf(type: string, members: string, bind: Bind, dialect: Dialect): ObjectClass {
  class Loaded extends LoadedObject {
    constructor(number: number) {
      super(number, dialect);
    }

    override get [Symbol.toStringTag](): string {
      return type;
    }
  }
  for (const { name, callable } of membersOf(members, bind, MethodKind.instance)) {
    Object.defineProperty(Loaded.prototype, name, {
      configurable: true,
      get(this: LoadedObject) {
        const value = callable({
          later: (bound, args) => this[CALL](bound, args),
          now: (bound, args) => this[CALL_SYNC](bound, args),
        });
        // A property of the object from now on: found at once, and the same each time.
        Object.defineProperty(this, name, { value, configurable: true });
        return value;
      },
    });
  }
  return Loaded;
}

const plain: Calls = {
  later: (bound, args) => bound.call(args),
  now: (bound, args) => bound.sync(args),
};

function addStatics(target: Namespace, list: string, bind: Bind, Loaded: ObjectClass): void {
  const made: Calls = {
    later: async (bound, args) => new Loaded((await bound.call(args)) as number),
    now: (bound, args) => new Loaded(bound.sync(args) as number),
  };
  for (const { name, callable } of membersOf(list, bind, MethodKind.static))
    target[name] = callable(name === 'new' ? made : plain);
}
