import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkOptions } from '../hosting/options.ts';
import type { Next } from '../http/exchange.ts';
import { cutOff, http1Lines, isHttp2, streamOf } from '../http/http2.ts';
import { milliseconds } from '../http/limits.ts';
import { refuse } from '../http/refusal.ts';
import { consumedBody, drainRest } from '../http/request-body.ts';
import { flushHead, mergeHeaders, parseHeaders } from '../http/response-head.ts';
import { addTrailers } from '../http/trailers.ts';
import { natsOptions, requireNats } from './checks.ts';
import { CreditBack } from './credit.ts';
import { Link, type LinkedExchange, type NatsConnection, type NatsMessage } from './link.ts';
import {
  CHUNK,
  Kind,
  message,
  type RelayedRequest,
  type RelayedResponse,
  readValue,
  STEP,
  valueMessage,
  WINDOW,
} from './messages.ts';
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

// RFC 9110 §7.6.1
const hopByHop =
  /^(connection|keep-alive|proxy-connection|te|transfer-encoding|upgrade|http2-settings|expect)$/i;

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
  const middleware = (req: IncomingMessage, res: ServerResponse): void => {
    const exchange = new GatewayExchange(link, req, res, () => exchanges.delete(exchange));
    exchanges.add(exchange);
    exchange.begin(connection, subject, timeout);
  };
  const close = () => {
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
  readonly #back = new CreditBack(STEP, (bytes) => this.#tell(valueMessage(Kind.credit, bytes)));
  readonly #ended: () => void;
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
    switch (data[0]) {
      case Kind.accepted:
        clearTimeout(this.#timer);
        this.peer = reply;
        this.#upload?.give(WINDOW);
        break;
      case Kind.credit:
        this.#upload?.give(readValue<number>(data)[0]);
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
    else this.#fail(503, { 'Retry-After': '1' });
  }

  #start(data: Uint8Array): void {
    const [head, bytes] = readValue<RelayedResponse>(data);
    const { status, reason, lines, whole, trailers } = head;
    const res = this.#res;
    const headers = parseHeaders(lines.join('\0'));
    mergeHeaders(res, headers);
    res.statusCode = status;
    if (!isHttp2(this.#req)) res.statusMessage = reason;
    if (!whole || trailers.length > 0) flushHead(res, reason, headers);
    if (whole) this.#end(trailers, bytes);
  }

  #write(bytes: Uint8Array): void {
    if (this.#res.write(bytes)) this.#back.add(bytes.length);
    else this.#waiting += bytes.length;
  }

  #end(trailers: string[], bytes?: Uint8Array): void {
    this.#over = true;
    this.#forget();
    if (trailers.length > 0) addTrailers(this.#res, trailers);
    if (bytes?.length) this.#res.end(bytes);
    else this.#res.end();
  }

  // What a patched response throws ends this one and no other.
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

  #send(data: Uint8Array): void {
    if (this.peer) this.#link.send(this.#number, this.peer, data);
  }

  #tell(data: Uint8Array): void {
    try {
      this.#send(data);
    } catch {
      // Nobody is there to hear of it.
    }
  }
}

function hasBody(req: IncomingMessage): boolean {
  const stream = streamOf(req);
  if (stream) return !stream.endAfterHeaders;
  const { headers } = req;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

type MountedRequest = IncomingMessage & { originalUrl?: string };

function requestHead(req: MountedRequest, whole: boolean): RelayedRequest {
  const raw = isHttp2(req) ? http1Lines(req.rawHeaders) : req.rawHeaders;
  const named = (req.headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const lines: string[] = [];
  const forwarded: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    const key = name.toLowerCase();
    if (key === 'x-forwarded-for') forwarded.push(value);
    else if (!hopByHop.test(key) && !named.includes(key)) lines.push(name, value);
  }
  if (req.socket.remoteAddress) forwarded.push(req.socket.remoteAddress);
  if (forwarded.length > 0) lines.push('X-Forwarded-For', forwarded.join(', '));
  if (req.headers['content-length'] === undefined && !whole)
    lines.push('Transfer-Encoding', 'chunked');
  const url = req.url ?? '/';
  return {
    method: req.method ?? 'GET',
    url,
    originalUrl: req.originalUrl ?? url,
    secure: (req.socket as { encrypted?: boolean }).encrypted === true,
    lines,
    whole,
  };
}
