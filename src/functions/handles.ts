import { types } from 'node:util';
import { whenAborted } from './abort-listeners.ts';
import { pullFrom } from './js-streams.ts';
import { ValueTag } from './values.ts';

/** What crosses as a function that .NET calls. */
export interface Handle {
  tag: number;
  call: () => unknown;
  /** For messages. */
  what: string;
  /** .NET has it no more. */
  released?: () => unknown;
}

/** An object that stays where it is: promises, signals, async iterables. Undefined: it is another one. */
export function handleOf(value: object): Handle | undefined {
  if (types.isPromise(value)) {
    // Who fails hears of it when .NET asks.
    value.catch(() => {});
    return { tag: ValueTag.promise, call: () => value, what: 'a Promise' };
  }
  if (value instanceof AbortSignal)
    return { tag: ValueTag.signal, what: 'an AbortSignal', ...awaitAbort(value) };
  if (Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function')
    return {
      tag: ValueTag.stream,
      what: 'an async iterable',
      ...pullFrom(value as AsyncIterable<unknown>),
    };
  return undefined;
}

/** Whether it was aborted: answered when it is, or when .NET has the signal no more, which then is not listened to. */
function awaitAbort(signal: AbortSignal): Pick<Handle, 'call' | 'released'> {
  let stop: (() => void) | undefined;
  let settle: ((aborted: boolean) => void) | undefined;
  return {
    call: () => {
      if (signal.aborted) return true;
      return new Promise<boolean>((resolve) => {
        settle = resolve;
        stop = whenAborted(signal, () => resolve(true));
      });
    },
    released: () => {
      stop?.();
      settle?.(false);
    },
  };
}
