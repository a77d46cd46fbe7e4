import { EventEmitter } from 'node:events';
import path from 'node:path';
import { OwinError } from '../errors.ts';
import { checkOptions, describe } from '../hosting/options.ts';
import { type AppSource, absolute, checkSource } from '../hosting/source.ts';
import { assemblyOf, Bound, checkInt64, type FunctionInfo } from './bound.ts';
import type { CallOptions } from './calls.ts';

/** Options of `owin.worker()`. */
export interface WorkerOptions {
  /** The class. Default: `<name of the file>.Startup`, and `Startup` for C# as text. */
  type?: string;
  /** The method that works: one parameter or none; it may block. Default `Execute`. */
  method?: string;
  /** So many of its messages are worked on at once. Default: as many as there are threads. */
  concurrency?: number;
  /** `'bigint'`: 64-bit integers always come as bigint. Default `'number'`: only where no number is the same. */
  int64?: 'bigint' | 'number';
}

/** Events of a worker. */
export interface WorkerEvents {
  /** The result of a message. */
  message: [result: unknown];
  /** What a message has failed with. */
  error: [error: unknown];
  /** It was terminated, and its last message has ended. */
  exit: [];
}

/**
 * Makes a worker of a .NET class: it gets messages, works on them on threads of its own, and sends back results.
 *
 *     const worker = owin.worker('Primes.dll');       // Primes.Startup.Execute(int input)
 *     worker.on('message', (result) => …);
 *     worker.postMessage(1_000_000);
 *     await worker.run(1_000_000);
 *
 * @param source as for `owin()`
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument
 */
export function createWorker(source: AppSource, options: WorkerOptions = {}): DotnetWorker {
  checkSource(source);
  checkOptions('owin.worker()', options, {
    type: 'string',
    method: 'string',
    concurrency: (value) =>
      Number.isInteger(value) && (value as number) > 0 ? undefined : 'a number from 1',
    int64: checkInt64,
  });
  return new DotnetWorker(source, options);
}

/** A .NET class that works on messages: open → terminated. */
export class DotnetWorker extends EventEmitter<WorkerEvents> implements AsyncDisposable {
  /** What was bound. Rejects where the assembly or the method is not to be had. */
  readonly ready: Promise<FunctionInfo>;
  readonly #bound: Bound;
  #terminating: Promise<void> | undefined;

  /** @internal */
  constructor(source: AppSource, { type, method = 'Execute', ...options }: WorkerOptions) {
    super();
    const from = typeof source === 'string' ? `${path.parse(source).name}.Startup` : 'Startup';
    this.#bound = new Bound(assemblyOf(absolute(source)), `${type ?? from}.${method}`, options);
    this.ready = this.#bound.ready;
  }

  /** Works on a message: a 'message' with the result follows, or an 'error'. */
  postMessage(message?: unknown): void {
    this.run(message).then(
      (result) => this.emit('message', result),
      (error) => this.emit('error', error),
    );
  }

  /**
   * Works on a message and gives its result.
   *
   * @throws (as a rejection) the method's exception, and what `owin.func()` rejects with
   */
  run(message?: unknown, options?: CallOptions): Promise<unknown> {
    if (options !== undefined && (typeof options !== 'object' || options === null))
      throw new OwinError(
        'ERR_OWIN_OPTION',
        `run() takes { signal, progress } behind the message, not ${describe(options)}.`,
      );
    const args = message === undefined ? [] : [message];
    return this.#bound.call(options ? [...args, options] : args);
  }

  /** Takes no further messages; resolves, and 'exit' comes, when those that are worked on have ended. */
  terminate(): Promise<void> {
    return (this.#terminating ??= this.#bound.close().then(() => {
      this.emit('exit');
    }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }
}
