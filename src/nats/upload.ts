import type { IncomingMessage } from 'node:http';
import { CHUNK, Kind, message, valueMessage } from './messages.ts';

/**
 * Sends the body of a request to its host, as far as the host has given credit. What one has not is left with the
 * request, but for a chunk.
 */
export class RelayedUpload {
  readonly #req: IncomingMessage;
  readonly #send: (data: Uint8Array) => void;
  #credit = 0;
  #chunk: Uint8Array | undefined;
  #ended = false;
  #done = false;

  /** @param consumed the body where a parser has read it */
  constructor(
    req: IncomingMessage,
    consumed: Uint8Array | undefined,
    send: (data: Uint8Array) => void,
  ) {
    this.#req = req;
    this.#send = send;
    this.#chunk = consumed;
    this.#ended = consumed !== undefined || req.readableEnded;
  }

  /** The host takes so many bytes more; the first call begins the reading. */
  give(bytes: number): void {
    this.#credit += bytes;
    const req = this.#req;
    if (!this.#ended && !req.listeners('data').includes(this.#onData)) {
      req.on('data', this.#onData);
      req.on('end', this.#onEnd);
    }
    this.#pump();
  }

  /** The host wants no more. */
  stop(): void {
    this.#done = true;
    this.#chunk = undefined;
    this.#req.off('data', this.#onData);
    this.#req.off('end', this.#onEnd);
  }

  #onData = (data: Buffer | string): void => {
    // Somebody has set an encoding.
    const encoding = this.#req.readableEncoding ?? 'utf8';
    this.#chunk = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    this.#pump();
  };

  #onEnd = (): void => {
    this.#ended = true;
    this.#pump();
  };

  #pump(): void {
    if (this.#done) return;
    while (this.#chunk && this.#credit > 0) {
      const length = Math.min(CHUNK, this.#chunk.length, this.#credit);
      this.#send(message(Kind.data, this.#chunk.subarray(0, length)));
      this.#credit -= length;
      this.#chunk = length < this.#chunk.length ? this.#chunk.subarray(length) : undefined;
    }
    if (this.#chunk) this.#req.pause();
    else if (this.#ended) {
      this.#done = true;
      this.#send(valueMessage(Kind.end, this.#req.rawTrailers));
    } else if (this.#req.isPaused()) this.#req.resume();
  }
}
