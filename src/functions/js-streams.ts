import { Readable } from 'node:stream';

/** How .NET reads an async iterable of JavaScript's. */
export interface Pulled {
  /**
   * Gives the next items: whether they are the last, then the items, up to so many as are there without waiting, at
   * least one. 0 ends it early. It is asked again only when it has answered.
   */
  call: (count?: number) => Promise<unknown[]>;
  /** .NET has it no more: ends it, where that has not been done. */
  released: () => unknown;
}

/** Reads an async iterable; what .NET drops before its end is ended as a loop that is left would. */
export function pullFrom(iterable: AsyncIterable<unknown>): Pulled {
  let iterator: AsyncIterator<unknown> | undefined;
  // A step that had not ended when the items before it left.
  let ahead: Promise<IteratorResult<unknown>> | undefined;
  let ended = false;

  async function call(count = 1): Promise<unknown[]> {
    if (count === 0) {
      await end();
      return [true];
    }
    iterator ??= iteratorOf(iterable);
    try {
      return await read(iterator, count);
    } catch (error) {
      ended = true;
      throw error;
    }
  }

  async function read(from: AsyncIterator<unknown>, count: number): Promise<unknown[]> {
    const items: unknown[] = [false];
    let step = await (ahead ?? from.next());
    ahead = undefined;
    while (!step.done) {
      items.push(step.value);
      if (items.length > count) return items;
      const next = from.next();
      // What fails is heard of when it is asked for.
      next.catch(() => {});
      const settled = await Promise.race([next.catch(() => undefined), turn()]);
      if (!settled) {
        ahead = next;
        return items;
      }
      step = settled;
    }
    ended = true;
    items[0] = true;
    return items;
  }

  async function end(): Promise<void> {
    if (ended) return;
    ended = true;
    // An iterator's own return() waits for a step that is under way, which may never end.
    if (iterator && iterable instanceof Readable) iterable.destroy();
    if (iterator) await iterator.return?.();
    else if (holders.get(iterable) === 0) await leave(iterable);
  }

  holders.set(iterable, (holders.get(iterable) ?? 0) + 1);
  return {
    call,
    released: () => {
      holders.set(iterable, (holders.get(iterable) as number) - 1);
      return end();
    },
  };
}

function iteratorOf(iterable: AsyncIterable<unknown>): AsyncIterator<unknown> {
  if (!(iterable instanceof ReadableStream)) return iterable[Symbol.asyncIterator]();
  const reader = iterable.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    async return() {
      await reader.cancel();
      reader.releaseLock();
      return { done: true, value: undefined };
    },
  };
}

// How often .NET has one: what a call did not read may have gone to the next.
const holders = new WeakMap<object, number>();

// A stream holds something also before it is read. One that somebody else reads by now is left to them.
async function leave(iterable: AsyncIterable<unknown>): Promise<void> {
  if (iterable instanceof ReadableStream) {
    if (!iterable.locked) await iterable.cancel();
  } else if (iterable instanceof Readable && iterable.readableFlowing === null) {
    if (!iterable.readableDidRead) iterable.destroy();
  }
}

// Later than what is there already.
const turn = (): Promise<undefined> =>
  new Promise((resolve) => {
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => resolve(undefined))));
  });
