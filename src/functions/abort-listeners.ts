// One listener a signal, however many calls have it: Node warns of more than ten, and many have one for all they do.
const waiting = new WeakMap<AbortSignal, { calls: Set<() => void>; listener: () => void }>();

/**
 * Calls when the signal is aborted, which it is not yet.
 *
 * @param call must not throw
 * @returns takes it back
 */
export function whenAborted(signal: AbortSignal, call: () => void): () => void {
  const { calls } = waiting.get(signal) ?? listen(signal);
  calls.add(call);
  return () => {
    if (!calls.delete(call) || calls.size > 0) return;
    const entry = waiting.get(signal);
    if (entry?.calls !== calls) return;
    signal.removeEventListener('abort', entry.listener);
    waiting.delete(signal);
  };
}

function listen(signal: AbortSignal) {
  const calls = new Set<() => void>();
  const listener = () => {
    waiting.delete(signal);
    for (const call of calls) call();
  };
  signal.addEventListener('abort', listener, { once: true });
  const entry = { calls, listener };
  waiting.set(signal, entry);
  return entry;
}
