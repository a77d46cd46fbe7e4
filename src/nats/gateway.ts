import type { IncomingMessage, ServerResponse } from 'node:http';
import { OwinError } from '../errors.ts';
import { checkOptions } from '../hosting/options.ts';
import type { Next } from '../http/exchange.ts';
import { cutOff, isHttp2, streamOf } from '../http/http2.ts';
import { milliseconds } from '../http/limits.ts';
import { refuse } from '../http/refusal.ts';
import { consumedBody, drainRest } from '../http/request-body.ts';
import { flushHead, mergeHeaders, parseHeaders } from '../http/response-head.ts';
import { addTrailers } from '../http/trailers.ts';
import { natsOptions, requireNats } from './checks.ts';
import { CreditBack, readCredit } from './credit.ts';
import { Link, type LinkedExchange, type NatsConnection, type NatsMessage } from './link.ts';
import {
  CHUNK,
  Kind,
  message,
  type RelayedResponse,
  readValue,
  valueMessage,
  WINDOW,
} from './messages.ts';
import { hasBody, requestHead } from './request.ts';
import { RelayedUpload } from './upload.ts';

/** Options of `relay()`. */
export interface RelayOptions {
  /** A connection of `@nats-io/transport-node`. It stays the caller's. */
  connection: NatsConnection;
  /** The subject that `serve()` listens to elsewhere. */
  subject: string;
  /** Milliseconds in which a host must take a request; then 504. Default 10,000. */
  timeout?: number;
}

/** Middleware that hands requests on over NATS. */
export interface Relay extends Disposable {
  (req: IncomingMessage, res: ServerResponse, next?: Next): void;
  /** Hears nothing more; requests under way get 502, or lose their connection. */
  close(): void;
}

// Nothing has been sent, so it may be tried again.
const RETRY = { 'Retry-After': '1' };

/**
 * Middleware for express, connect and `http.createServer` whose requests are answered by a `serve()` elsewhere.
 *
 *     app.use('/shop', relay({ connection, subject: 'shop' }))
 *
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong option
 */
export function relay(options: RelayOptions): Relay {
  checkOptions('relay()', options, { ...natsOptions, timeout: milliseconds });
  requireNats('relay()', options);
  const { connection, subject, timeout = 10_000 } = options;
  const link = new Link(connection);
  const exchanges = new Set<GatewayExchange>();
  let closed = false;
  const middleware = (req: IncomingMessage, res: ServerResponse): void => {
    if (closed) {
      refuse(res, 503, RETRY);
      return;
    }
    const exchange = new GatewayExchange(link, req, res, () => exchanges.delete(exchange));
    exchanges.add(exchange);
    exchange.begin(connection, subject, timeout);
  };
  const close = () => {
    closed = true;
    link.close();
    for (const exchange of exchanges) exchange.lost();
  };
  return Object.assign(middleware, { close, [Symbol.dispose]: close });
}

/**
 * A request on its way to a host, and the response from there: sent → accepted → answered → over. What is lost before
 * the head is a 503 where nobody was there, a 504 where nobody took it in time, and else a 502: it is never sent twice,
 * since a host may have begun. Behind the head the connection closes.
 */
class GatewayExchange implements LinkedExchange {
  peer: string | undefined;
  readonly #link: Link;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #number: number;
  readonly #subject: string;
  readonly #back = new CreditBack((bytes) => this.#tell(valueMessage(Kind.credit, bytes)));
  readonly #ended: () => void;
  #started = false;
  #upload: RelayedUpload | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;
  // Bytes that the response could not pass on yet.
  #waiting = 0;

  constructor(link: Link, req: IncomingMessage, res: ServerResponse, ended: () => void) {
    this.#link = link;
    this.#req = req;
    this.#res = res;
    this.#ended = ended;
    const { number, subject } = link.add(this);
    this.#number = number;
    this.#subject = subject;
    const closed = () => this.#closed();
    if (isHttp2(req)) streamOf(res)?.on('close', closed);
    else res.on('close', closed);
    res.on('drain', () => {
      this.#back.add(this.#waiting);
      this.#waiting = 0;
    });
  }

  begin(connection: NatsConnection, subject: string, timeout: number): void {
    const consumed = consumedBody(this.#req);
    const whole = consumed ? consumed.length <= CHUNK : !hasBody(this.#req);
    try {
      const head = valueMessage(
        Kind.request,
        requestHead(this.#req, whole),
        whole ? consumed : undefined,
      );
      connection.publish(subject, head, { reply: this.#subject });
    } catch {
      this.#fail(connection.isClosed() ? 503 : 502);
      return;
    }
    this.#timer = setTimeout(() => this.#fail(504), timeout);
    if (!whole) this.#upload = new RelayedUpload(this.#req, consumed, (data) => this.#tell(data));
  }

  receive(data: Uint8Array, { reply }: NatsMessage): void {
    if (this.peer && reply !== this.peer) {
      // A host of another group has taken it as well.
      this.#tell(message(Kind.abort), reply);
      return;
    }
    switch (data[0]) {
      case Kind.accepted:
        clearTimeout(this.#timer);
        this.peer = reply;
        this.#upload?.give(WINDOW);
        break;
      case Kind.credit:
        this.#upload?.give(readCredit(data));
        break;
      case Kind.head:
        this.#guarded(() => this.#start(data));
        break;
      case Kind.data:
        this.#guarded(() => this.#write(data.subarray(1)));
        break;
      case Kind.end:
        this.#guarded(() => this.#end(readValue<string[]>(data)[0]));
        break;
      case Kind.abort:
        this.#over = true;
        this.lost();
    }
  }

  lost(): void {
    this.#fail(502);
  }

  unheard(): void {
    if (this.peer) this.#fail(502);
    else this.#fail(503, RETRY);
  }

  #start(data: Uint8Array): void {
    const [head, bytes] = readValue<RelayedResponse>(data);
    const { status, reason, lines, whole, trailers } = head;
    if (this.#started || !this.peer) throw OUT_OF_ORDER;
    this.#started = true;
    const res = this.#res;
    const headers = parseHeaders(lines.join('\0'));
    mergeHeaders(res, headers);
    res.statusCode = status;
    if (!isHttp2(this.#req)) res.statusMessage = reason;
    if (!whole || trailers.length > 0) flushHead(res, reason, headers);
    if (whole) this.#end(trailers, bytes);
  }

  #write(bytes: Uint8Array): void {
    if (!this.#started) throw OUT_OF_ORDER;
    this.#back.spend(bytes.length);
    if (this.#res.write(bytes)) this.#back.add(bytes.length);
    else this.#waiting += bytes.length;
  }

  #end(trailers: string[], bytes?: Uint8Array): void {
    if (!this.#started) throw OUT_OF_ORDER;
    this.#over = true;
    this.#forget();
    if (trailers.length > 0) addTrailers(this.#res, trailers);
    if (bytes?.length) this.#res.end(bytes);
    else this.#res.end();
  }

  // What a patched response throws, or a host says that makes no sense, ends this one and no other.
  #guarded(call: () => void): void {
    if (this.#over || this.#res.destroyed) return;
    try {
      call();
    } catch {
      this.#tell(message(Kind.abort));
      this.#fail(502);
    }
  }

  // The response has left, or its client has.
  #closed(): void {
    clearTimeout(this.#timer);
    if (!this.#over) {
      this.#over = true;
      this.#tell(message(Kind.abort));
    }
    this.#forget();
  }

  #fail(status: number, headers: Record<string, string> = {}): void {
    clearTimeout(this.#timer);
    this.#tell(message(Kind.abort));
    this.#over = true;
    this.#forget();
    if (this.#res.headersSent) cutOff(this.#res);
    else refuse(this.#res, status, headers);
  }

  #forget(): void {
    this.#link.remove(this.#number);
    if (this.#upload) {
      this.#upload.stop();
      this.#upload = undefined;
      drainRest({ req: this.#req, res: this.#res, mayHaveBody: true });
    }
    this.#ended();
  }

  #tell(data: Uint8Array, peer = this.peer): void {
    try {
      if (peer) this.#link.send(this.#number, peer, data);
    } catch {
      // Nobody is there to hear of it.
    }
  }
}

const OUT_OF_ORDER = new OwinError('ERR_OWIN_RELAY', 'The host says things out of order.');
