import { randomUUID } from 'node:crypto';

/** A message of NATS. */
export interface NatsMessage {
  /** Where it was sent to. */
  subject: string;
  /** Its payload. */
  data: Uint8Array;
  /** Where an answer is expected. */
  reply?: string;
  /** With the code 503 and no payload it says that nobody listens. */
  headers?: { code: number } | undefined;
}

/** A connection of `@nats-io/transport-node`, as far as it is used here. */
export interface NatsConnection {
  /** Sends a message; throws where the connection is closed, or the message too large. */
  publish(subject: string, payload?: Uint8Array, options?: { reply?: string }): void;
  /** Listens to a subject. */
  subscribe(
    subject: string,
    options: { queue?: string; callback: (error: Error | null, message: NatsMessage) => void },
  ): { unsubscribe(): void; drain(): Promise<void> };
  /** What becomes of the connection: `disconnect`, `reconnect`. */
  status(): AsyncIterable<{ type: string }> & { stop?(): void };
  /** Whether it was closed for good. */
  isClosed(): boolean;
}

/** One exchange, as the link sees it. */
export interface LinkedExchange {
  /** Where the other side hears of it; undefined: not known yet. */
  peer: string | undefined;
  /** Throws for what makes no sense; `lost()` follows then. */
  receive(data: Uint8Array, message: NatsMessage): void;
  /** Nothing more comes: the other side is gone, or this connection was interrupted. */
  lost(why: string): void;
  /** NATS had nobody to give a message to. */
  unheard(): void;
}

const PING_MS = 2_000;
const MISSED_PINGS = 5;
const NO_RESPONDERS = 503;

/**
 * This side's inbox, the exchanges behind it, and whether their other sides live.
 *
 * A peer is asked every 2 s for the exchanges it has with this side. NATS itself answers for one whose connection is gone;
 * one that is silent for 10 s counts as gone, and an exchange that it knows nothing of as over. What was under way while
 * this connection was interrupted may be lost, so all exchanges end then.
 */
export class Link {
  readonly inbox: string;
  readonly #connection: NatsConnection;
  readonly #subscription: { unsubscribe(): void };
  readonly #status: ReturnType<NatsConnection['status']>;
  readonly #exchanges = new Map<number, LinkedExchange>();
  // By inbox of the other side: pings it has not answered.
  readonly #peers = new Map<string, { missed: number; number: number }>();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #closed = false;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    const { inboxPrefix = '_INBOX' } =
      (connection as { options?: { inboxPrefix?: string } }).options ?? {};
    this.inbox = `${inboxPrefix}.${randomUUID().replaceAll('-', '')}`;
    this.#subscription = connection.subscribe(`${this.inbox}.>`, {
      callback: (error, message) => {
        if (!error) this.#receive(message);
      },
    });
    this.#status = connection.status();
    void this.#watch();
  }

  get count(): number {
    return this.#exchanges.size;
  }

  /** @returns the subject where the other side reaches the exchange */
  add(exchange: LinkedExchange): { number: number; subject: string } {
    const number = ++this.#last;
    this.#exchanges.set(number, exchange);
    this.#timer ??= setInterval(() => this.#ping(), PING_MS).unref();
    return { number, subject: `${this.inbox}.${number}` };
  }

  /** The exchange is over. */
  remove(number: number): void {
    this.#exchanges.delete(number);
    if (this.#exchanges.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#peers.clear();
  }

  /**
   * Sends a message; `lost()` is called where nobody is there any more.
   *
   * @throws what the connection throws, as when it is closed
   */
  send(number: number, subject: string, data: Uint8Array): void {
    this.#connection.publish(subject, data, { reply: `${this.inbox}.${number}` });
  }

  /** Hears and sends nothing more. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#status.stop?.();
    if (!this.#connection.isClosed()) this.#subscription.unsubscribe();
  }

  #receive(message: NatsMessage): void {
    const [name, peer] = message.subject.slice(this.inbox.length + 1).split('.');
    const noResponders = message.headers?.code === NO_RESPONDERS && message.data.length === 0;
    if (name === 'ping') {
      const unknown = numbers(message.data).filter((each) => !this.#exchanges.has(each));
      if (message.reply)
        this.#connection.publish(message.reply, Buffer.from(JSON.stringify(unknown)));
    } else if (name === 'pong') {
      for (const [inbox, state] of this.#peers) {
        if (state.number !== Number(peer)) continue;
        state.missed = 0;
        if (noResponders) this.#gone(inbox);
        else for (const each of numbers(message.data)) this.#gone(`${inbox}.${each}`);
      }
    } else {
      const exchange = this.#exchanges.get(Number(name));
      if (!exchange) return;
      if (noResponders) exchange.unheard();
      else this.#hand(exchange, message);
    }
  }

  // What it throws would end the connection, and all exchanges with it.
  #hand(exchange: LinkedExchange, message: NatsMessage): void {
    try {
      exchange.receive(message.data, message);
    } catch (error) {
      exchange.lost(`The other side cannot be understood: ${(error as Error).message}`);
    }
  }

  #ping(): void {
    const shared = new Map<string, number[]>();
    for (const { peer } of this.#exchanges.values()) {
      if (!peer) continue;
      const dot = peer.lastIndexOf('.');
      const inbox = peer.slice(0, dot);
      const known = shared.get(inbox);
      if (known) known.push(Number(peer.slice(dot + 1)));
      else shared.set(inbox, [Number(peer.slice(dot + 1))]);
    }
    for (const inbox of this.#peers.keys()) if (!shared.has(inbox)) this.#peers.delete(inbox);
    for (const [inbox, exchanges] of shared) {
      const state = this.#peers.get(inbox) ?? { missed: 0, number: ++this.#last };
      this.#peers.set(inbox, state);
      if (++state.missed > MISSED_PINGS) this.#gone(inbox);
      else if (!this.#connection.isClosed())
        this.#connection.publish(`${inbox}.ping`, Buffer.from(JSON.stringify(exchanges)), {
          reply: `${this.inbox}.pong.${state.number}`,
        });
    }
  }

  /** @param peer the inbox of a peer, or one exchange of it */
  #gone(peer: string): void {
    for (const exchange of [...this.#exchanges.values()])
      if (exchange.peer === peer || exchange.peer?.startsWith(`${peer}.`))
        exchange.lost('The other side is gone.');
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#status) {
      if (this.#closed) return;
      if (type === 'disconnect') this.#interrupted();
    }
    if (!this.#closed) this.#interrupted();
  }

  #interrupted(): void {
    for (const exchange of [...this.#exchanges.values()])
      exchange.lost('The connection to NATS was interrupted.');
  }
}

// A message that is none asks for nothing.
function numbers(data: Uint8Array): number[] {
  try {
    const list: unknown = JSON.parse(Buffer.from(data).toString());
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
