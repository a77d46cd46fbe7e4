import type { Exchange } from './exchange.ts';
import { AbortReason } from './frames.generated.ts';
import type { HandlerLimits } from './limits.ts';

// The timer ticks so often within the shortest timeout, but not more often than it pays.
const TICKS_PER_TIMEOUT = 4;
const LEAST_TICK_MS = 10;
const MOST_TICK_MS = 1000;

/** How far an exchange had come, and at which tick. */
interface Progress {
  begun: number;
  /** Bytes of the request body that had come. */
  received: number;
  receivedAt: number;
  /** Bytes of the response that were left to send. */
  unsent: number;
  unsentAt: number;
}

/**
 * The timeouts of a handler: one timer looks at all of its exchanges, a few times within the shortest timeout, so a
 * request costs no timer of its own. A timeout is late by a quarter of the shortest one or a second, whichever is
 * less. Ticks are counted, not milliseconds: time in which Node's thread was blocked is nobody's fault.
 *
 * The timer runs only while there are exchanges, and does not keep the process.
 */
export class Deadlines {
  readonly #ticks: { request: number; receive: number; send: number };
  readonly #tickMs: number;
  readonly #watched = new Map<Exchange, Progress>();
  #timer: NodeJS.Timeout | undefined;
  #now = 0;

  private constructor(
    { requestTimeout, receiveTimeout, sendTimeout }: HandlerLimits,
    least: number,
  ) {
    this.#tickMs = Math.min(Math.max(least / TICKS_PER_TIMEOUT, LEAST_TICK_MS), MOST_TICK_MS);
    // One more: the first tick may come right after the start.
    const ticks = (ms: number) =>
      ms === 0 ? Number.POSITIVE_INFINITY : Math.ceil(ms / this.#tickMs) + 1;
    this.#ticks = {
      request: ticks(requestTimeout),
      receive: ticks(receiveTimeout),
      send: ticks(sendTimeout),
    };
  }

  /** Undefined where there are no timeouts. */
  static of(limits: HandlerLimits): Deadlines | undefined {
    const set = [limits.requestTimeout, limits.receiveTimeout, limits.sendTimeout].filter(Boolean);
    return set.length > 0 ? new Deadlines(limits, Math.min(...set)) : undefined;
  }

  /** From now on the exchange has its deadlines, until `delete`. */
  add(exchange: Exchange): void {
    const now = this.#now;
    this.#watched.set(exchange, {
      begun: now,
      received: 0,
      receivedAt: now,
      unsent: 0,
      unsentAt: now,
    });
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  /** The response has been sent, or nobody waits for it any more. */
  delete(exchange: Exchange): void {
    this.#watched.delete(exchange);
  }

  #tick(): void {
    this.#now++;
    if (this.#watched.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const [exchange, progress] of this.#watched) {
      const reason = this.#passed(exchange, progress);
      if (reason === undefined) continue;
      this.#watched.delete(exchange);
      exchange.exceed(reason);
    }
  }

  // Which deadline the exchange has passed.
  #passed(exchange: Exchange, progress: Progress): number | undefined {
    const now = this.#now;
    const { state } = exchange;
    // What `next` led to, and an upgraded connection, have no deadlines here.
    if (state === 'received' || state === 'running' || state === 'started') {
      if (now - progress.begun >= this.#ticks.request) return AbortReason.requestTimeout;
      this.#noteReceived(exchange, progress);
      if (now - progress.receivedAt >= this.#ticks.receive) return AbortReason.receiveTimeout;
    }
    if (state === 'started' || state === 'completed') {
      this.#noteSent(exchange, progress);
      if (now - progress.unsentAt >= this.#ticks.send) return AbortReason.sendTimeout;
    }
    return undefined;
  }

  #noteReceived({ state, req, body, collector }: Exchange, progress: Progress): void {
    const received = (body?.sent ?? 0) + req.readableLength + (collector?.length ?? 0);
    // A request that waits for its turn is not read.
    const reads = state !== 'received' || collector !== undefined;
    if (reads && !req.complete && received === progress.received) return;
    progress.received = received;
    progress.receivedAt = this.#now;
  }

  #noteSent({ res }: Exchange, progress: Progress): void {
    const unsent = unsentBytes(res);
    if (unsent > 0 && unsent === progress.unsent) return;
    progress.unsent = unsent;
    progress.unsentAt = this.#now;
  }
}

// Node counts a write as a whole when all of it has gone, which from a slow client's view is seldom: what the socket
// still holds of it shows that the client takes some.
function unsentBytes(res: Exchange['res']): number {
  if (res.writableLength === 0) return 0;
  const handle = (res.socket as { _handle?: { writeQueueSize?: number } } | null)?._handle;
  return res.writableLength + (handle?.writeQueueSize ?? 0);
}
