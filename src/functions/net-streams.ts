import { Readable } from 'node:stream';
import { callIdle, type DelegateFunction, hold } from './net-functions.ts';

const COUNT_MOST = 32;

/** An async iterable of .NET's: read once, and no further ahead than it is asked for. */
export class NetIterable implements AsyncIterableIterator<unknown> {
  readonly #pull: DelegateFunction;
  #items: unknown[] = [];
  #at = 0;
  #count = 1;
  #ended = false;
  // By who reads: what a step that is under way brings is not wanted any more.
  #left = false;
  // Steps that are asked for at once come one after the other.
  #last: Promise<unknown> = Promise.resolve();

  constructor(pull: DelegateFunction) {
    this.#pull = pull;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    const step = this.#last.then(() => this.#step());
    this.#last = step.catch(() => {});
    return step;
  }

  /** Reads no further: .NET's iterator is cancelled and disposed of. */
  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#left = true;
    this.#items = [];
    if (!this.#ended) {
      this.#ended = true;
      await this.#pull(0);
    }
    return { done: true, value };
  }

  async #step(): Promise<IteratorResult<unknown>> {
    if (!this.#left && this.#at === this.#items.length && !this.#ended) {
      try {
        const [last, ...items] = (await this.#pull(this.#count)) as [boolean, ...unknown[]];
        if (last) this.#ended = true;
        this.#items = items;
        this.#at = 0;
      } catch (error) {
        this.#ended = true;
        if (!this.#left) throw error;
      }
      this.#count = Math.min(this.#count * 2, COUNT_MOST);
    }
    if (this.#left || this.#at === this.#items.length) return { done: true, value: undefined };
    return { done: false, value: this.#items[this.#at++] };
  }
}

/** A Stream of .NET's. */
export function byteStream(pull: DelegateFunction): Readable {
  return Readable.from(new NetIterable(pull), { objectMode: false });
}

// A signal keeps its controller; the call that waits keeps neither.
const controllers = new WeakMap<AbortSignal, AbortController>();

/** A token of .NET's. */
export function abortSignal(number: number): AbortSignal {
  const controller = new AbortController();
  const reference = new WeakRef(controller.signal);
  controllers.set(controller.signal, controller);
  hold(controller.signal, number);
  callIdle(number).then(
    (cancelled) => {
      const signal = reference.deref();
      if (cancelled && signal) controllers.get(signal)?.abort();
    },
    () => {},
  );
  return controller.signal;
}
