import type { Socket } from 'node:net';

const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `closed` when the socket closes. For a pipelined response: until those before it are done it has no socket,
 * and nobody else would tell it. Returns what ends the waiting.
 */
export function whenClosed(socket: Socket, closed: () => void): () => void {
  const all = waiting.get(socket) ?? new Set();
  if (all.size === 0 && !waiting.has(socket)) {
    waiting.set(socket, all);
    socket.once('close', () => {
      for (const each of all) each();
    });
  }
  all.add(closed);
  return () => all.delete(closed);
}
