import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';
import { declaredSize } from './limits.ts';

/**
 * Waits until the body of a request has come whole, and puts it back: whoever reads it next finds all of it. Nothing
 * is kept in .NET meanwhile.
 */
export class RequestBuffer {
  readonly #req: IncomingMessage;
  readonly #most: number;
  readonly #done: (fits: boolean) => void;
  readonly #chunks: Buffer[] = [];
  /** Bytes that have come. */
  length = 0;

  private constructor(req: IncomingMessage, most: number, done: (fits: boolean) => void) {
    this.#req = req;
    this.#most = most;
    this.#done = done;
    req.on('readable', this.#onReadable);
  }

  /**
   * Begins to collect a body of at most `most` bytes. `done` gets false when there are more, and is not called where
   * the client leaves before. Undefined: there is none, or somebody reads it.
   */
  static of(
    { req }: Exchange,
    most: number,
    done: (fits: boolean) => void,
  ): RequestBuffer | undefined {
    return hasBody(req) && isUntouched(req) ? new RequestBuffer(req, most, done) : undefined;
  }

  /** The body is not wanted any more; what has come of it is gone. */
  stop(): void {
    this.#req.off('readable', this.#onReadable);
    this.#chunks.length = 0;
  }

  #onReadable = (): void => {
    const req = this.#req;
    while (req.readableLength > 0) {
      const chunk = req.read() as Buffer;
      this.#chunks.push(chunk);
      this.length += chunk.length;
    }
    const fits = this.length <= this.#most;
    if (fits && !req.complete) return;
    req.off('readable', this.#onReadable);
    // In the turn of the read: 'end' would be next.
    if (fits && this.length > 0) req.unshift(Buffer.concat(this.#chunks, this.length));
    this.#chunks.length = 0;
    this.#done(fits);
  };
}

function hasBody(req: IncomingMessage): boolean {
  if (req.httpVersionMajor >= 2) return !req.complete;
  return declaredSize(req) > 0 || req.headers['transfer-encoding'] !== undefined;
}

function isUntouched(req: IncomingMessage): boolean {
  return (
    !req.readableDidRead &&
    req.readableFlowing === null &&
    req.readableEncoding === null &&
    req.listenerCount('readable') === 0
  );
}
