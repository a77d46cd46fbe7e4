import { whenAborted } from './abort-listeners.ts';

/** What an aborted call rejects with; its cause is the signal's reason. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The call was aborted.', { cause: signal.reason });
  for (const [name, value] of Object.entries({ name: 'AbortError', code: 'ABORT_ERR' }))
    Object.defineProperty(error, name, { value, configurable: true, writable: true });
  return error;
}

/** What comes before a call; where its signal is aborted meanwhile it waits no longer. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError(signal));
    const stop = whenAborted(signal, () => reject(abortError(signal)));
    work.then(resolve, reject).finally(stop);
  });
}

/**
 * A promise that rejects with the error that `make` makes, with the place of the call at the end of its stack: V8
 * knows who awaits the promise that this one settles once that has been told of this one.
 */
export function atCallSite(make: () => Error): Promise<never> {
  let fail: () => void;
  const failing = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const rejecting = failing.then(() => {
    const error = make();
    const site = new Error();
    Object.defineProperty(error, 'stack', {
      value: error.stack + callers(site.stack),
      configurable: true,
      writable: true,
    });
    throw error;
  });
  queueMicrotask(() => queueMicrotask(() => fail()));
  return rejecting;
}

// Without the frame that the error was made in, and Node's own.
function callers(stack = ''): string {
  const lines = stack.split('\n').slice(2);
  return lines
    .filter((line) => !line.includes('node:internal/'))
    .map((line) => `\n${line}`)
    .join('');
}
