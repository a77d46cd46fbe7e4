import { OwinError } from '../errors.ts';
import { command, pairs } from '../hosting/commands.ts';
import { checkOptions, describe } from '../hosting/options.ts';
import { start } from '../hosting/runtime.ts';
import { type AppSource, absolute, checkSource, resolveSource } from '../hosting/source.ts';
import { type Caller, type CallOptions, invoke } from './calls.ts';
import { invokeSync } from './sync-calls.ts';

/** Options of `owin.func()`. */
export interface FunctionOptions {
  /** So many of its calls run at once; further ones wait. Default: as many as there are threads. */
  concurrency?: number;
  /** Which calls a free thread takes first. Default `'normal'`. */
  priority?: 'high' | 'normal' | 'low';
}

/** What `ready` of a function says was bound. */
export interface FunctionInfo {
  /** Path of the assembly. */
  location: string;
  assembly: string;
  /** As it was asked for. */
  name: string;
  /** The overloads it stands for, in the words of C#. */
  signatures: string[];
  /** Version of the runtime it runs on. */
  runtime: string;
}

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

const priorities = ['continuation', 'high', 'normal', 'low'];
let lastNumber = 0;

/**
 * Makes a function of a .NET method. Loading begins at once and in the background.
 *
 * @param source as for `owin()`
 * @param name `Namespace.Type.Method`, with `(string, int)` behind it where one of several overloads is meant
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument
 */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function createFunction<A extends unknown[] = any[], R = any>(
  source: AppSource,
  name: string,
  options: FunctionOptions = {},
): DotnetFunction<A, R> {
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
  });
  const bound = new Bound(absolute(source), name, options);
  const call = (...args: unknown[]) => bound.call(args);
  const own = {
    sync: (...args: unknown[]) => bound.sync(args),
    ready: bound.ready,
    close: () => bound.close(),
    [Symbol.asyncDispose]: () => bound.close(),
  };
  for (const key of Reflect.ownKeys(own) as (keyof typeof own)[])
    Object.defineProperty(call, key, { value: own[key], enumerable: true });
  return call as unknown as DotnetFunction<A, R>;
}

/** A method that .NET has bound to a number: loading → ready → closed, or failed. */
class Bound implements Caller {
  readonly ready: Promise<FunctionInfo>;
  readonly #name: string;
  readonly #number = ++lastNumber;
  #isReady = false;
  // Whether all it stands for have their results when they return.
  #isImmediate = false;
  #inFlight = 0;
  #drained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(source: AppSource, name: string, options: FunctionOptions) {
    this.#name = name;
    this.ready = this.#bind(source, options);
    this.ready.then(
      () => {
        this.#isReady = true;
      },
      () => {},
    );
  }

  call(args: unknown[]): Promise<unknown> {
    if (this.#closing) return Promise.reject(this.#closed());
    const options = args.length > 0 ? callOptions(args.at(-1)) : undefined;
    if (options) args.pop();
    this.#inFlight++;
    if (this.#isReady) return invoke(this, this.#number, 0, args, options?.signal);
    return this.#callLater(args, options);
  }

  sync(args: unknown[]): unknown {
    if (this.#closing) throw this.#closed();
    if (!this.#isImmediate) throw this.#notImmediate();
    return invokeSync(this.#number, 0, args);
  }

  callEnded(): void {
    if (--this.#inFlight === 0) this.#drained?.();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #callLater(args: unknown[], options: CallOptions | undefined): Promise<unknown> {
    try {
      await this.ready;
    } catch (error) {
      this.callEnded();
      throw error;
    }
    return invoke(this, this.#number, 0, args, options?.signal);
  }

  async #close(): Promise<void> {
    const loaded = await this.ready.catch(() => undefined);
    if (this.#inFlight > 0)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    if (loaded) await command('unbind', String(this.#number));
  }

  async #bind(source: AppSource, options: FunctionOptions): Promise<FunctionInfo> {
    const runtime = await start();
    const path = await resolveSource(source, runtime, true);
    const priority = priorities.indexOf(options.priority ?? 'normal');
    const limits = [String(options.concurrency ?? 0), String(priority)];
    const { location, assembly, name, signatures, immediate } = pairs(
      await command('bind', String(this.#number), path, this.#name, ...limits),
    ) as Record<string, string>;
    this.#isImmediate = immediate === 'true';
    return {
      location: location as string,
      assembly: assembly as string,
      name: name as string,
      signatures: (signatures as string).split('\n'),
      runtime: runtime.version as string,
    };
  }

  #notImmediate(): OwinError {
    return this.#isReady
      ? new OwinError(
          'ERR_OWIN_FUNCTION_SIGNATURE',
          `${this.#name} returns a Task: sync() is for methods whose result is there when they return.`,
        )
      : new OwinError(
          'ERR_OWIN_FUNCTION_LOADING',
          `${this.#name} is not loaded yet, so sync() cannot call it.`,
        );
  }

  #closed(): OwinError {
    return new OwinError('ERR_OWIN_FUNCTION_CLOSED', `${this.#name} was closed.`);
  }
}

// What has other properties, or an AbortSignal nowhere, is an argument.
function callOptions(last: unknown): CallOptions | undefined {
  if (typeof last !== 'object' || last === null || !('signal' in last)) return undefined;
  const keys = Object.keys(last);
  return keys.length === 1 && last.signal instanceof AbortSignal
    ? (last as CallOptions)
    : undefined;
}
