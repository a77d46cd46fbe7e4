import { OwinError } from '../errors.ts';
import { checkOptions, describe } from '../hosting/options.ts';
import { type AppSource, absolute, checkSource } from '../hosting/source.ts';
import {
  assemblyOf,
  Bound,
  checkInt64,
  type FunctionInfo,
  type FunctionOptions,
  priorities,
} from './bound.ts';
import type { CallOptions } from './calls.ts';
import { createEdgeFunction, type EdgeFunction, type EdgeOptions, isEdge } from './edge.ts';

export type { FunctionInfo, FunctionOptions } from './bound.ts';

/** A .NET method as a function of JavaScript's. It runs on a thread of its own, never on Node's, but for `sync`. */
// biome-ignore lint/suspicious/noExplicitAny: what a method takes is not known without its declaration
export interface DotnetFunction<A extends unknown[] = any[], R = any> extends AsyncDisposable {
  /**
   * Calls the method. Calls that come while it is loaded wait.
   *
   * @param args the arguments, and behind them optionally `{ signal }`
   * @throws (as a rejection) the method's exception; OwinError `ERR_OWIN_FUNCTION_ARGUMENTS`,
   * `ERR_OWIN_FUNCTION_QUEUE_FULL`, `ERR_OWIN_FUNCTION_CLOSED`, `ERR_OWIN_MARSHAL`, and what `ready` rejects with
   */
  (...args: [...A, options?: CallOptions]): Promise<R>;
  /**
   * Calls the method on Node's thread, which waits for it: for work that is shorter than a change of threads, some
   * microseconds. Everything else in the process waits as well, also for a garbage collection of .NET's.
   *
   * @throws the method's exception; OwinError as above, `ERR_OWIN_FUNCTION_LOADING` before `ready`,
   * `ERR_OWIN_FUNCTION_SIGNATURE` for a method that returns a Task
   */
  sync(...args: A): R;
  /** What was bound. Rejects where the assembly or the method is not to be had. */
  readonly ready: Promise<FunctionInfo>;
  /** Takes no further calls, waits for those that run, and lets the method go. */
  close(): Promise<void>;
}

/**
 * Makes a function in the style of edge-js: `Func<object, Task<object>>`, with callbacks or promises.
 *
 *     const hello = owin.func({ source: 'async (dynamic name) => "Hello " + name' })
 *     hello('Ella', (error, result) => …)
 *
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument
 */
export function createFunction(options: EdgeOptions | (() => void)): EdgeFunction;
/**
 * Makes a function of a .NET method. Loading begins at once and in the background.
 *
 * @param source as for `owin()`
 * @param name `Namespace.Type.Method`, with `(string, int)` behind it where one of several overloads is meant, and with
 * type arguments where a class is generic: `Namespace.Type<int>.Method`
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument
 */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function createFunction<A extends unknown[] = any[], R = any>(
  source: AppSource,
  name: string,
  options?: FunctionOptions,
): DotnetFunction<A, R>;
export function createFunction(
  source: AppSource | EdgeOptions | (() => void),
  name?: string,
  options: FunctionOptions = {},
): unknown {
  if (isEdge(source, name)) return createEdgeFunction(source);
  checkSource(source);
  if (typeof name !== 'string' || name === '')
    throw new OwinError(
      'ERR_OWIN_OPTION',
      `owin.func() takes the name of a method, 'Namespace.Type.Method', as its second argument, not ${describe(name)}.`,
    );
  checkOptions('owin.func()', options, {
    concurrency: (value) =>
      Number.isInteger(value) && (value as number) > 0 ? undefined : 'a number from 1',
    priority: (value) =>
      priorities.indexOf(value as string) > 0 ? undefined : "'high', 'normal' or 'low'",
    int64: checkInt64,
  });
  const bound = new Bound(assemblyOf(absolute(source)), name, options);
  const call = (...args: unknown[]) => bound.call(args);
  const own = {
    sync: (...args: unknown[]) => bound.sync(args),
    ready: bound.ready,
    close: () => bound.close(),
    [Symbol.asyncDispose]: () => bound.close(),
  };
  for (const key of Reflect.ownKeys(own) as (keyof typeof own)[])
    Object.defineProperty(call, key, { value: own[key], enumerable: true });
  return call;
}
