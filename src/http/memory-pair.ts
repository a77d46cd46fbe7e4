import type { IncomingMessage, ServerResponse } from 'node:http';
import { OwinError } from '../errors.ts';
import { keepAlive } from '../hosting/bridge.ts';
import {
  type BodySource,
  connectionReset,
  feedFrom,
  isSource,
  type MemoryRequest,
  makeRequest,
} from './memory-request.ts';
import { type MemoryHead, makeResponse, tellDrained, trailersOf } from './memory-response.ts';
import { MemorySocket, WINDOW } from './memory-socket.ts';
import { endUnsent } from './upgrade.ts';

/**
 * A request and response of Node's own, and in the place of the socket between them and the network this: the response
 * is read here, by one who waits for one thing at a time. Express, connect and handlers find nothing different but a
 * socket without addresses. Between two waits nothing here holds the reader.
 */
export class MemoryPair extends MemorySocket {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly #source: BodySource | undefined;
  #head: MemoryHead | undefined;
  // The response is complete; what has not been taken of it still can be.
  #ended = false;
  // Why it was cut off, where somebody said so.
  #failure: unknown;
  // Looks whether there is what it waits for: a head, bytes, the end, or that it is cut off.
  #changed: () => void = nothing;
  readonly #chunks: Buffer[] = [];
  #queued = 0;
  #written: (() => void) | undefined;
  #isWanted = true;

  constructor(request: MemoryRequest) {
    super(request.secure);
    this.req = makeRequest(this, request);
    if (isSource(request.body)) {
      this.#source = request.body;
      feedFrom(request.body, this.req, (error) => this.cutOff(error));
    }
    this.res = makeResponse(this.req, this, (head) => {
      this.#head = head;
      this.#changed();
    });
    this.res.on('finish', this.#onFinish);
    this.on('drain', () => tellDrained(this.res));
    this.on('error', this.#onError);
  }

  /** Trailers of the response, once it has ended: name and value by turns. */
  get trailers(): string[] {
    return trailersOf(this.res);
  }

  /** All of the response has been written, and what is left to take is at hand: it will not wait for a reader. */
  get isWhole(): boolean {
    return this.res.writableEnded && this.writableLength === 0;
  }

  /**
   * The head of the response, with what was written in the same turn to take.
   *
   * @throws (as a rejection) why it was cut off; OwinError `ERR_OWIN_FETCH` where nobody said
   */
  response(): Promise<MemoryHead> {
    return this.#wait((resolve) => {
      if (this.#head) queueMicrotask(() => resolve(this.#head as MemoryHead));
      return this.#head !== undefined;
    });
  }

  /**
   * The next bytes of the response body; undefined: that was all. Who reads makes room for more.
   *
   * @throws (as a rejection) as `response()`
   */
  nextBytes(): Promise<Buffer | undefined> {
    return this.#wait((resolve) => {
      const chunk = this.#failure === undefined ? this.#takeChunk() : undefined;
      if (chunk || this.#ended) resolve(chunk);
      return chunk !== undefined || this.#ended;
    });
  }

  /** All of the body that is there now; undefined: nothing. */
  takeAll(): Buffer | undefined {
    const chunks: Buffer[] = [];
    for (let chunk = this.#takeChunk(); chunk; chunk = this.#takeChunk()) chunks.push(chunk);
    return chunks.length > 1 ? Buffer.concat(chunks) : chunks[0];
  }

  /** Nobody wants the body: the response goes on without a reader. */
  ignoreBody(): void {
    this.#isWanted = false;
    this.takeAll();
  }

  /** Nobody waits for the response any more: as when a client's connection closes. */
  cutOff(failure: unknown): void {
    // What is complete can still be taken.
    if (!this.#ended) this.#failure ??= failure;
    this.destroy();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // No response writes before its head.
    if (!this.#head || !this.#isWanted || chunk.length === 0) {
      done();
      return;
    }
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued < WINDOW) done();
    else this.#written = done;
    this.#changed();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.req.complete) this.#source?.cancel();
    if (!this.#ended) {
      if (!this.req.readableEnded) this.req.destroy(connectionReset());
      this.#changed();
    }
    done(error);
  }

  #takeChunk(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (!chunk) return undefined;
    this.#queued -= chunk.length;
    if (this.#queued < WINDOW && this.#written) {
      const written = this.#written;
      this.#written = undefined;
      written();
    }
    return chunk;
  }

  // `look` says whether it found what it waits for, and resolves then.
  #wait<T>(look: (resolve: (found: T) => void) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const see = () => {
        // What is taken lets its writer go on, and call this again.
        this.#changed = nothing;
        const found = look(resolve);
        if (!found && !this.destroyed) {
          this.#changed = see;
          return;
        }
        if (!found) reject(this.#failure ?? new OwinError('ERR_OWIN_FETCH', this.#cutOffText()));
        keepAlive(-1);
      };
      // No socket of anybody's keeps the process meanwhile.
      keepAlive(1);
      see();
    });
  }

  #cutOffText(): string {
    const { method, url } = this.req;
    return this.#head
      ? `The response to ${method} ${url} was cut off in its body.`
      : `${method} ${url} got no response: its connection was closed before.`;
  }

  #onError = (error: Error): void => {
    this.#failure ??= error;
  };

  #onFinish = (): void => {
    const { req, res } = this;
    this.#ended = true;
    res.detachSocket(req.socket);
    endUnsent(res);
    // What is left of the request is for nobody.
    if (!req.complete) req.destroy();
    else if (!req.readableDidRead) req.resume();
    this.destroy();
    this.#changed();
  };
}

function nothing(): void {}
