// Members of .NET's types by their names, as the command `members` lists them.
import { type Bound, MethodKind } from './bound.ts';

/** Calls of one member: on an object, or of the static side. */
export interface Calls {
  later(bound: Bound, args: unknown[]): Promise<unknown>;
  now(bound: Bound, args: unknown[]): unknown;
}

/** A method: gives a promise; `sync` calls it on Node's thread. */
export interface Method {
  (...args: unknown[]): Promise<unknown>;
  /** Calls it on Node's thread. */
  sync(...args: unknown[]): unknown;
}

/** A property, field or constant of .NET's, which is read by calling it. */
export interface ReadOnlyProperty<T = unknown> {
  /** Reads it. */
  (): Promise<T>;
  /** Reads it on Node's thread. */
  sync(): T;
}

/** The same of what can be written as well. */
export interface Property<T = unknown, I = T> extends ReadOnlyProperty<T> {
  /** Writes it; `set.sync(value)` does so on Node's thread. */
  set: { (value: I): Promise<void>; sync(value: I): void };
}

/** What a type has of one name. */
export interface Member {
  /** In JavaScript. */
  name: string;
  /** Makes what JavaScript calls. */
  callable(calls: Calls): Method;
}

/** Binds what is first asked for: a member, and how it is used. */
export type Bind = (member: string, kind: number) => () => Bound;

/**
 * The members of a list of `js:net` and `js:net:rw`, joined by commas.
 *
 * @param kind of the methods among them
 */
export function membersOf(list: string, bind: Bind, kind: number): Member[] {
  if (list === '') return [];
  return list
    .split(',')
    .map((each) => each.split(':') as [string, string, string?])
    .map(([name, member, access]) => {
      if (access === undefined) {
        const bound = bind(member, member === 'new' ? MethodKind.constructor : kind);
        return { name, callable: (calls) => method(bound, calls) };
      }
      const get = bind(member, MethodKind.getter);
      const set = access.includes('w') ? bind(member, MethodKind.setter) : undefined;
      return {
        name,
        callable: (calls) =>
          Object.assign(method(get, calls), set && { set: method(set, calls) }) as Method,
      };
    });
}

function method(bound: () => Bound, calls: Calls): Method {
  const call = ((...args) => calls.later(bound(), args)) as Method;
  call.sync = (...args) => calls.now(bound(), args);
  return call;
}
