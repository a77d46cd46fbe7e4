import { OwinError } from '../errors.ts';
import { command, pairs } from '../hosting/commands.ts';
import { start } from '../hosting/runtime.ts';
import { type AppSource, resolveSource } from '../hosting/source.ts';
import { unlessAborted } from './call-errors.ts';
import { type Caller, type CallOptions, invoke } from './calls.ts';
import type { Dialect } from './dialect.ts';
import { invokeSync } from './sync-calls.ts';

/** Options of `owin.func()`. */
export interface FunctionOptions {
  /** So many of its calls run at once; further ones wait. Default: as many as there are threads. */
  concurrency?: number;
  /** Which calls a free thread takes first. Default `'normal'`. */
  priority?: 'high' | 'normal' | 'low';
  /** `'bigint'`: 64-bit integers always come as bigint. Default `'number'`: only where no number is the same. */
  int64?: 'bigint' | 'number';
}

/** What `ready` of a function says was bound. */
export interface FunctionInfo {
  /** Path of the assembly. */
  location: string;
  /** Its name. */
  assembly: string;
  /** As it was asked for. */
  name: string;
  /** The overloads it stands for, in the words of C#. */
  signatures: string[];
  /** Version of the runtime it runs on. */
  runtime: string;
}

/** Numbers as .NET has them; the first one is not for functions. */
export const priorities = ['continuation', 'high', 'normal', 'low'];

/** Which members of a name are meant: numbers as .NET has them. */
export const MethodKind = {
  any: 0,
  static: 1,
  instance: 2,
  getter: 3,
  setter: 4,
  constructor: 5,
} as const;

/** For `checkOptions`. */
export const checkInt64 = (value: unknown): string | undefined =>
  value === 'bigint' || value === 'number' ? undefined : "'bigint' or 'number'";

// Numbers are places of a table of .NET's: those that are free again are used first.
const freed: number[] = [];
let lastNumber = 0;

// Of one that was never closed the assembly stays open: what its calls have given may be in use.
const unreachable = new FinalizationRegistry<number>((number) => {
  unbind(number, true).catch(() => {});
});

async function unbind(number: number, keepAssembly: boolean): Promise<void> {
  await command('unbind', String(number), String(keepAssembly));
  freed.push(number);
}

/** The path of the assembly of a source, once .NET runs. */
export async function assemblyOf(source: AppSource): Promise<string> {
  return resolveSource(source, await start(), true);
}

/** A method that .NET has bound to a number: loading → ready → closed, or failed. */
export class Bound implements Caller {
  readonly ready: Promise<FunctionInfo>;
  parameters: readonly string[] = [];
  readonly reading: Dialect;
  readonly #name: string;
  readonly #number = freed.pop() ?? ++lastNumber;
  #isReady = false;
  // Whether all it stands for have their results when they return.
  #isImmediate = false;
  #inFlight = 0;
  #drained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    assembly: Promise<string>,
    name: string,
    options: FunctionOptions,
    kind: number = MethodKind.any,
    dialect: Dialect = {},
  ) {
    this.#name = name;
    this.reading = { ...dialect, int64: options.int64 };
    this.ready = this.#bind(assembly, options, kind, dialect.rules ?? 0);
    this.ready.then(
      () => {
        this.#isReady = true;
      },
      () => {
        freed.push(this.#number);
      },
    );
  }

  /** Calls it; on the object of the number `target` where that is not 0. */
  call(args: unknown[], target = 0): Promise<unknown> {
    if (this.#closing) return Promise.reject(this.#closed());
    const options = args.length > 0 ? callOptions(args.at(-1)) : undefined;
    if (options) args.pop();
    this.#inFlight++;
    if (this.#isReady) return invoke(this, this.#number, target, args, options);
    return this.#callLater(args, target, options);
  }

  /** Calls it on this thread. */
  sync(args: unknown[], target = 0): unknown {
    if (this.#closing) throw this.#closed();
    if (!this.#isImmediate) throw this.#notImmediate();
    return invokeSync(this, this.#number, target, args);
  }

  callEnded(): void {
    if (--this.#inFlight === 0) this.#drained?.();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #callLater(
    args: unknown[],
    target: number,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    try {
      await unlessAborted(this.ready, options?.signal);
    } catch (error) {
      this.callEnded();
      throw error;
    }
    return invoke(this, this.#number, target, args, options);
  }

  async #close(): Promise<void> {
    const loaded = await this.ready.catch(() => undefined);
    if (this.#inFlight > 0)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    unreachable.unregister(this);
    if (loaded) await unbind(this.#number, false);
  }

  async #bind(
    assembly: Promise<string>,
    options: FunctionOptions,
    kind: number,
    rules: number,
  ): Promise<FunctionInfo> {
    const path = await assembly;
    const runtime = await start();
    const priority = priorities.indexOf(options.priority ?? 'normal');
    const how = [kind, options.concurrency ?? 0, priority, rules].map(String);
    const {
      location,
      assembly: title,
      name,
      signatures,
      immediate,
      parameters,
    } = pairs(await command('bind', String(this.#number), path, this.#name, ...how)) as Record<
      string,
      string
    >;
    unreachable.register(this, this.#number, this);
    if (parameters) this.parameters = parameters.split(',');
    this.#isImmediate = immediate === 'true';
    return {
      location: location as string,
      assembly: title as string,
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

// What has other properties, or these with other values, is an argument.
function callOptions(last: unknown): CallOptions | undefined {
  if (typeof last !== 'object' || last === null) return undefined;
  if (!('signal' in last || 'progress' in last)) return undefined;
  const { signal, progress, ...others } = last as CallOptions;
  if (signal !== undefined && !(signal instanceof AbortSignal)) return undefined;
  if (progress !== undefined && typeof progress !== 'function') return undefined;
  return Object.keys(others).length === 0 ? (last as CallOptions) : undefined;
}
