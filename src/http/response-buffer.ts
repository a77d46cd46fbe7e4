import type { Exchange } from './exchange.ts';
import { Limits } from './frames.generated.ts';
import { type Chunk, giveCredit, type HeldHead, sendComplete, sendStart } from './response-body.ts';

/**
 * A response that is kept until it is complete. Its bytes count as taken by the client, so that the app goes on; when
 * they become more than the handler keeps, or the app wants them to leave, the response goes on as a stream.
 */
export class ResponseBuffer {
  readonly #exchange: Exchange;
  readonly #head: HeldHead;
  readonly #most: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(exchange: Exchange, head: HeldHead, most: number) {
    this.#exchange = exchange;
    this.#head = head;
    this.#most = most;
  }

  /** Keeps a chunk, or lets go of all. */
  add(chunk: Chunk): void {
    if (chunk.length === 0) return;
    const exchange = this.#exchange;
    this.#chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
    this.#length += chunk.length;
    exchange.taken += chunk.length;
    if (this.#length > this.#most) this.release();
    else if (exchange.taken >= Limits.creditStep) giveCredit(exchange);
  }

  /** Everything so far leaves, and what comes now as it comes. */
  release(): void {
    const exchange = this.#exchange;
    exchange.buffer = undefined;
    // They are counted once more when they are written.
    exchange.taken -= this.#length;
    sendStart(exchange, this.#whole());
  }

  /** The response is complete. */
  end(): void {
    this.#exchange.buffer = undefined;
    sendComplete(this.#exchange, this.#whole());
  }

  #whole(): HeldHead {
    return { ...this.#head, chunk: Buffer.concat(this.#chunks, this.#length) };
  }
}
