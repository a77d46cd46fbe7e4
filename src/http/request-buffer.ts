import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';
import { isHttp2 } from './http2.ts';
import { declaredSize } from './limits.ts';

/**
 * Waits until the body of a request has come whole, and puts it back: the handlers behind `next` find all of it. .NET
 * is given it without reading the request again, and gets nothing before.
 */
export class RequestBuffer {
  readonly #req: IncomingMessage;
  readonly #most: number;
  readonly #done: (body: Uint8Array | undefined) => void;
  readonly #chunks: Buffer[] = [];
  /** Bytes that have come. */
  length = 0;

  private constructor(
    req: IncomingMessage,
    most: number,
    done: (body: Uint8Array | undefined) => void,
  ) {
    this.#req = req;
    this.#most = most;
    this.#done = done;
    req.on('readable', this.#onReadable);
  }

  /**
   * Begins to collect a body of at most `most` bytes. `done` gets it, or undefined when there are more, and is not
   * called where the client leaves before. Undefined: there is none, or somebody reads it.
   */
  static of(
    { req }: Exchange,
    most: number,
    done: (body: Uint8Array | undefined) => void,
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
    const body = fits ? Buffer.concat(this.#chunks, this.length) : undefined;
    // In the turn of the read: 'end' would be next.
    if (body && body.length > 0) req.unshift(body);
    this.#chunks.length = 0;
    this.#done(body);
  };
}

function hasBody(req: IncomingMessage): boolean {
  if (isHttp2(req)) return !req.complete;
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
