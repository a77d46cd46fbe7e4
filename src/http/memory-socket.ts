import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

/** Bytes of a response that wait for a reader before its writer waits. */
export const WINDOW = 64 * 1024;

/**
 * What stands in the place of a socket of node:net, without addresses: what apps set on one has no effect, since there
 * is no network to be idle, and nothing to be kept open.
 */
export abstract class MemorySocket extends Duplex {
  /** As on a socket of `node:tls`. */
  readonly encrypted: boolean;

  constructor(secure: boolean) {
    super({ highWaterMark: WINDOW });
    this.encrypted = secure;
  }

  /** As the types of node:http ask for it. */
  get asSocket(): IncomingMessage['socket'] {
    return this as unknown as IncomingMessage['socket'];
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): object {
    return {};
  }

  // Not Socket's own: whoever looks knows that chunks are kept.
  override write(chunk: unknown, encoding?: unknown, done?: unknown): boolean {
    return super.write(chunk, encoding as BufferEncoding, done as () => void);
  }

  // A socket's readable side is the parser's; this one has none.
  override _read(): void {}
}
