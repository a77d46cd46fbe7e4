import type { Socket } from 'node:net';

const LINGER_MS = 5_000;

/**
 * Ends a connection once all is sent. What the peer still sends is read and dropped, for 5 s at most: unread bytes
 * would turn the end into a reset, which takes what was sent last with it.
 */
export function closeGently(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end();
  socket.resume();
}
