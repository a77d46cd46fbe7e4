import { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { OwinError } from '../errors.ts';
import { keepAlive } from '../hosting/bridge.ts';
import { endUnsent } from './upgrade.ts';

/** A request that comes by no connection. */
export interface MemoryRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** Name and value by turns. */
  rawHeaders: string[];
  secure: boolean;
  /** Undefined: none. */
  body: Uint8Array | BodySource | undefined;
}

/** A request body that comes in parts. */
export interface BodySource {
  /** The next part; undefined: that was all. Not called again before it has answered. */
  read(): Promise<Uint8Array | undefined>;
  /** Name and value by turns, once all has been read. */
  trailers?: string[] | undefined;
  /** Nobody reads on. */
  cancel(): void;
}

/** The head of a response as it would leave. */
export interface MemoryHead {
  status: number;
  reason: string;
  /** Name and value by turns; none that is about the connection. */
  headers: string[];
}

/** Bytes of a response that wait for a reader before its writer waits. */
const WINDOW = 64 * 1024;

// Node's types lack what a head passes through before it is sent.
type OpenResponse = Omit<ServerResponse, 'req'> & {
  _storeHeader(firstLine: string, headers: unknown): void;
  _header: string | null;
  _headerSent: boolean;
  _trailer: string;
  chunkedEncoding: boolean;
};

const { _storeHeader: storeHeader } = ServerResponse.prototype as unknown as OpenResponse;
const ofConnection = /^(connection|keep-alive|transfer-encoding)$/i;

/**
 * A request and response of Node's own, and in the place of the socket between them and the network this: the response
 * is read here, by one who waits for one thing at a time. Express, connect and handlers find nothing different but a
 * socket without addresses. Between two waits nothing here holds the reader.
 */
export class MemoryPair extends Duplex {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** As on a socket of `node:tls`. */
  readonly encrypted: boolean;
  #head: MemoryHead | undefined;
  // The response is complete; what has not been taken of it still can be.
  #ended = false;
  // Why it was cut off, where somebody said so.
  #failure: unknown;
  // Looks whether there is what it waits for: a head, bytes, the end, or that it is cut off.
  #changed: () => void = nothing;
  #source: BodySource | undefined;
  #reading = false;
  readonly #chunks: Buffer[] = [];
  #queued = 0;
  #written: (() => void) | undefined;

  constructor({ method, target, rawHeaders, secure, body }: MemoryRequest) {
    super({ highWaterMark: WINDOW });
    this.encrypted = secure;
    // The types ask for a socket of node:net.
    const socket = this as unknown as IncomingMessage['socket'];
    const req = new IncomingMessage(socket);
    this.req = req;
    req.method = method;
    req.url = target;
    req.httpVersion = '1.1';
    req.httpVersionMajor = 1;
    req.httpVersionMinor = 1;
    (req as unknown as LineTaker)._addHeaderLines(rawHeaders, rawHeaders.length);
    if (body === undefined || body instanceof Uint8Array) {
      if (body && body.length > 0) req.push(body);
      req.complete = true;
      req.push(null);
    } else {
      this.#source = body;
      req._read = (size) => {
        IncomingMessage.prototype._read.call(req, size);
        this.#feed();
      };
    }
    this.res = new ServerResponse(req);
    this.res.sendDate = false;
    (this.res as unknown as OpenResponse)._storeHeader = this.#takeHead;
    this.res.assignSocket(socket);
    this.res.on('finish', this.#onFinish);
    this.on('drain', this.#onDrain);
    this.on('error', this.#onError);
  }

  /** Trailers of the response, once it has ended: name and value by turns. */
  get trailers(): string[] {
    return lines((this.res as unknown as OpenResponse)._trailer ?? '');
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
      const chunk = this.#failure === undefined ? this.takeChunk() : undefined;
      if (chunk || this.#ended) resolve(chunk);
      return chunk !== undefined || this.#ended;
    });
  }

  /** The next bytes, where there are some now. */
  takeChunk(): Buffer | undefined {
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

  /** Nobody waits for the response any more: as when a client's connection closes. */
  cutOff(failure: unknown): void {
    // What is complete can still be taken.
    if (!this.#ended) this.#failure ??= failure;
    this.destroy();
  }

  // What apps set on a socket: there is no network to be idle, and nothing to be kept open.
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): object {
    return {};
  }

  // Not Socket's own: whoever looks knows that chunks are kept.
  override write(chunk: unknown, encoding?: unknown, done?: unknown): boolean {
    return super.write(chunk, encoding as BufferEncoding, done as () => void);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // What comes before the head is a 100 or 103.
    if (!this.#head || chunk.length === 0) {
      done();
      return;
    }
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued < WINDOW) done();
    else this.#written = done;
    this.#changed();
  }

  // A socket's readable side is the parser's; this one has none.
  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source?.cancel();
    if (!this.#ended) {
      if (!this.req.readableEnded) this.req.destroy();
      this.#changed();
    }
    done(error);
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

  #feed(): void {
    const source = this.#source;
    if (!source || this.#reading) return;
    this.#reading = true;
    source.read().then(
      (chunk) => {
        this.#reading = false;
        if (this.req.destroyed) return;
        if (chunk) {
          this.req.push(chunk);
          return;
        }
        this.#source = undefined;
        this.req.complete = true;
        if (source.trailers) this.req.rawTrailers = source.trailers;
        this.req.push(null);
      },
      (error) => this.cutOff(error),
    );
  }

  // Node makes the text of the head; what follows it comes as bytes without a frame.
  #takeHead = (firstLine: string, headers: unknown): void => {
    const res = this.res as unknown as OpenResponse;
    storeHeader.call(res, firstLine, headers);
    res._headerSent = true;
    res.chunkedEncoding = false;
    this.#head = {
      status: this.res.statusCode,
      reason: this.res.statusMessage,
      headers: lines(res._header ?? '').filter(
        (_, i, all) => !ofConnection.test(all[i - (i % 2)] as string),
      ),
    };
    this.#changed();
  };

  #onDrain = (): void => {
    if (this.res.writableNeedDrain) this.res.emit('drain');
  };

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

type LineTaker = { _addHeaderLines(lines: string[], count: number): void };

/** Header lines of a text, name and value by turns. */
function lines(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(': ');
    // The status line has none before its reason, which may have one.
    if (colon > 0 && !line.startsWith('HTTP/1.1 '))
      found.push(line.slice(0, colon), line.slice(colon + 2));
  }
  return found;
}

function nothing(): void {}
