import { types } from 'node:util';
import { pullFrom } from './js-streams.ts';
import { ValueTag } from './values.ts';

/** What crosses as a function that .NET calls. */
export interface Handle {
  tag: number;
  call: () => unknown;
  /** For messages. */
  what: string;
}

/** An object that stays where it is: promises, signals, async iterables. Undefined: it is another one. */
export function handleOf(value: object): Handle | undefined {
  if (types.isPromise(value)) {
    // Who fails hears of it when .NET asks.
    value.catch(() => {});
    return { tag: ValueTag.promise, call: () => value, what: 'a Promise' };
  }
  if (value instanceof AbortSignal)
    return { tag: ValueTag.signal, call: () => aborted(value), what: 'an AbortSignal' };
  if (Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function') {
    const pull = pullFrom(value as AsyncIterable<unknown>);
    return { tag: ValueTag.stream, call: pull as () => unknown, what: 'an async iterable' };
  }
  return undefined;
}

function aborted(signal: AbortSignal): Promise<void> | undefined {
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
