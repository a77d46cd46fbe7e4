import { OwinError } from '../errors.ts';
import { command } from '../hosting/commands.ts';
import type { Bound } from './bound.ts';
import { writeReleaseObject } from './call-frames.ts';
import type { Dialect } from './dialect.ts';
import { delegateFunction } from './net-functions.ts';
import { IS_NET_OBJECT } from './net-object.ts';
import { NetIterable } from './net-streams.ts';

// Symbols, because every other name may be that of a member of .NET's.
export const CALL = Symbol('call');
export const CALL_SYNC = Symbol('callSync');

const unreachable = new FinalizationRegistry(writeReleaseObject);

/** An object that .NET holds for JavaScript: open → disposing → released, once its calls have ended. */
export class LoadedObject implements Disposable, AsyncDisposable {
  readonly [IS_NET_OBJECT] = true;
  readonly #number: number;
  readonly #dialect: Dialect;
  #calls = 0;
  #disposing = false;
  #idle: (() => void) | undefined;
  #disposed: Promise<void> | undefined;

  /** @param number under which .NET holds it */
  constructor(number: number, dialect: Dialect) {
    this.#number = number;
    this.#dialect = dialect;
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
      if (--this.#calls === 0) this.#idle?.();
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
      ([number]) => new NetIterable(delegateFunction(Number(number), this.#dialect)),
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
    this.#end(() => writeReleaseObject(this.#number));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * The same; resolves when .NET has disposed of it, by DisposeAsync where it has that.
   *
   * @throws (as a rejection) what disposing of it throws
   */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= new Promise((resolve, reject) => {
      const number = String(this.#number);
      const begun = this.#end(() => command('dispose', number).then(() => resolve(), reject));
      if (!begun) resolve();
    });
    return this.#disposed;
  }

  // False: it has been begun before.
  #end(release: () => void): boolean {
    if (this.#disposing) return false;
    this.#disposing = true;
    unreachable.unregister(this);
    if (this.#calls === 0) release();
    else this.#idle = release;
    return true;
  }

  #check(): void {
    if (this.#disposing)
      throw new OwinError(
        'ERR_OWIN_FUNCTION_CLOSED',
        `The ${this[Symbol.toStringTag]} was disposed of.`,
      );
  }
}
