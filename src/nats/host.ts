import type { RequestListener } from 'node:http';
import { OwinError } from '../errors.ts';
import { checkOptions } from '../hosting/options.ts';
import { MemoryPair } from '../http/memory-pair.ts';
import type { BodySource } from '../http/memory-request.ts';
import { natsOptions, requireNats } from './checks.ts';
import { Credit, CreditBack, readCredit } from './credit.ts';
import { Link, type LinkedExchange, type NatsConnection } from './link.ts';
import {
  CHUNK,
  Kind,
  message,
  type RelayedRequest,
  readValue,
  valueMessage,
  WINDOW,
} from './messages.ts';

/** Options of `serve()`. */
export interface ServeOptions {
  /** A connection of `@nats-io/transport-node`. It stays the caller's. */
  connection: NatsConnection;
  /** The subject that `relay()` sends requests to. */
  subject: string;
  /** The queue group: each request goes to one of the hosts that name the same. Default `owin`. */
  queue?: string;
}

/** A handler that answers requests from NATS. */
export interface Served extends AsyncDisposable {
  /**
   * Takes no more requests, and waits for those under way.
   *
   * @param options `drain`: milliseconds after which what is left is aborted. Default 10,000
   */
  close(options?: { drain?: number }): Promise<void>;
}

/**
 * Answers requests that come over NATS: what `relay()` sends elsewhere. Only the connection goes out, nothing listens.
 *
 *     serve(owin('Shop.dll'), { connection, subject: 'shop' })
 *
 * @param handler a handler of `owin()`, an express app, or any other request listener
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong option
 */
export function serve(handler: RequestListener, options: ServeOptions): Served {
  checkOptions('serve()', options, { ...natsOptions, queue: 'string' });
  requireNats('serve()', options);
  const { connection, subject, queue = 'owin' } = options;
  const link = new Link(connection);
  let idle: (() => void) | undefined;
  const running = new Set<HostExchange>();
  const subscription = connection.subscribe(subject, {
    queue,
    callback: (error, request) => {
      if (error || !request.reply || request.data[0] !== Kind.request) return;
      const exchange = new HostExchange(link, request.reply);
      running.add(exchange);
      void exchange.run(handler, request.data).finally(() => {
        running.delete(exchange);
        if (running.size === 0) idle?.();
      });
    },
  });
  let closing: Promise<void> | undefined;

  async function end(drain: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drain);
    });
    // What NATS hands over until it has heard of this is answered as well.
    const unsubscribed = connection.isClosed() ? undefined : subscription.drain().catch(() => {});
    await Promise.race([unsubscribed, late]);
    if (running.size > 0) {
      const drained = new Promise<void>((resolve) => {
        idle = resolve;
      });
      void late.then(() => {
        for (const exchange of running) exchange.lost('The host is closing.');
      });
      await drained;
    }
    clearTimeout(timer);
    link.close();
  }

  const close: Served['close'] = ({ drain = 10_000 } = {}) => (closing ??= end(drain));
  return { close, [Symbol.asyncDispose]: () => close() };
}

/** A request from a gateway, and the response to it. */
class HostExchange implements LinkedExchange {
  readonly peer: string;
  readonly #link: Link;
  readonly #number: number;
  readonly #credit = new Credit(WINDOW);
  #pair: MemoryPair | undefined;
  #body: RelayedBody | undefined;

  constructor(link: Link, peer: string) {
    this.peer = peer;
    this.#link = link;
    this.#number = link.add(this).number;
  }

  /** Runs to the end of the response, whatever that is. */
  async run(handler: RequestListener, data: Uint8Array): Promise<void> {
    try {
      const [request, bytes] = readValue<RelayedRequest>(data);
      if (!request.whole) {
        this.#body = new RelayedBody((granted) => this.#sendCredit(granted));
        if (bytes.length > 0) this.#body.push(bytes);
      }
      this.#send(message(Kind.accepted));
      const pair = new MemoryPair({
        method: request.method,
        target: request.url,
        rawHeaders: request.lines,
        secure: request.secure,
        body: this.#body ?? bytes,
      });
      this.#pair = pair;
      (pair.req as { originalUrl?: string }).originalUrl = request.originalUrl;
      const response = pair.response();
      // Also where the handler throws, and nobody comes to wait for it.
      response.catch(() => {});
      handler(pair.req, pair.res);
      await this.#answer(pair, response);
    } catch (error) {
      this.#pair?.cutOff(error);
      this.#trySend(message(Kind.abort, Buffer.from(String((error as Error)?.message ?? error))));
    } finally {
      this.#link.remove(this.#number);
    }
  }

  async #answer(pair: MemoryPair, response: ReturnType<MemoryPair['response']>): Promise<void> {
    const { status, reason, headers: lines } = await response;
    const whole = pair.isWhole;
    const bytes = whole ? pair.takeAll() : undefined;
    const head = { status, reason, lines, whole, trailers: whole ? pair.trailers : [] };
    this.#send(valueMessage(Kind.head, head, bytes ?? Buffer.alloc(0)));
    if (whole) return;
    for (let chunk = await pair.nextBytes(); chunk; chunk = await pair.nextBytes())
      for (let at = 0; at < chunk.length; ) {
        const length = await this.#credit.take(Math.min(CHUNK, chunk.length - at));
        this.#send(message(Kind.data, chunk.subarray(at, at + length)));
        at += length;
      }
    this.#send(valueMessage(Kind.end, pair.trailers));
  }

  receive(data: Uint8Array): void {
    if (data[0] === Kind.credit) this.#credit.give(readCredit(data));
    else if (data[0] === Kind.data) this.#body?.push(Buffer.from(data.subarray(1)));
    else if (data[0] === Kind.end) this.#body?.end(readTrailers(data));
    else if (data[0] === Kind.abort) this.lost('The gateway has aborted it: its client is gone.');
  }

  lost(why: string): void {
    this.#pair?.cutOff(new OwinError('ERR_OWIN_RELAY', why));
    // Who waits for credit sees the end with the next bytes.
    this.#credit.give(Number.POSITIVE_INFINITY);
  }

  unheard(): void {
    this.lost('The gateway is gone.');
  }

  #sendCredit(bytes: number): void {
    this.#trySend(valueMessage(Kind.credit, bytes));
  }

  #send(data: Uint8Array): void {
    this.#link.send(this.#number, this.peer, data);
  }

  #trySend(data: Uint8Array): void {
    try {
      this.#send(data);
    } catch {
      // The connection is closed: nobody is there to hear of it.
    }
  }
}

function readTrailers(data: Uint8Array): string[] {
  const [lines] = readValue<unknown>(data);
  if (Array.isArray(lines) && lines.every((each) => typeof each === 'string')) return lines;
  throw new OwinError('ERR_OWIN_RELAY', 'The gateway has sent trailers that are none.');
}

/** The body of a request as it comes from the gateway: no more of it than the credit that was given. */
class RelayedBody implements BodySource {
  trailers: string[] | undefined;
  readonly #chunks: Buffer[] = [];
  readonly #back: CreditBack;
  #ended = false;
  #changed: (() => void) | undefined;

  constructor(grant: (bytes: number) => void) {
    this.#back = new CreditBack(grant);
  }

  push(chunk: Buffer): void {
    this.#back.spend(chunk.length);
    this.#chunks.push(chunk);
    this.#changed?.();
  }

  end(trailers: string[]): void {
    this.#ended = true;
    this.trailers = trailers;
    this.#changed?.();
  }

  async read(): Promise<Buffer | undefined> {
    while (this.#chunks.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    const chunk = this.#chunks.shift();
    if (chunk) this.#back.add(chunk.length);
    return chunk;
  }

  cancel(): void {
    this.#ended = true;
    this.#chunks.length = 0;
  }
}
