import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Exchange } from './exchange.ts';
import { hasRoom } from './frame-slab.ts';
import { addRequestFlags, writeRequestBody, writeRequestEnd } from './frame-writer.ts';
import { AbortReason, Limits, RequestFlags } from './frames.generated.ts';
import { stopReading, streamOf } from './http2.ts';
import { upgradeOf } from './upgrade.ts';

const DRAIN_BYTES = 256 * 1024;
const DRAIN_MS = 5_000;

/**
 * Carries the request body to .NET, as far as .NET grants credit. Nothing listens to the request until the app reads
 * for the first time, so that a handler behind `next` finds it untouched.
 */
export class RequestBody {
  readonly #exchange: Exchange;
  readonly #source: Readable;
  #credit = 0;
  #granted = 0;
  #attached = false;
  // Chunks that went by reference, with the count of bytes sent when each had gone. They stay alive until granted back.
  #sent = 0;
  readonly #referenced: { chunk: Uint8Array; end: number }[] = [];

  /** @param source what carries the body: the request, or the socket after an upgrade */
  constructor(exchange: Exchange, source: Readable = exchange.req) {
    this.#exchange = exchange;
    this.#source = source;
  }

  /** Bytes that have been sent to .NET. */
  get sent(): number {
    return this.#sent;
  }

  /** Sends a body that a parser has read, all of it at once: it is in memory anyway. */
  replay(body: Uint8Array): void {
    if (body.length > 0) this.#send(body);
    writeRequestEnd(this.#exchange, this.#exchange.req.rawTrailers);
  }

  /** .NET may get `bytes` more; the first call begins the reading. */
  grant(bytes: number): void {
    const source = this.#source;
    this.#credit += bytes;
    this.#granted += bytes;
    this.#release();
    if (!this.#attached) {
      this.#attached = true;
      if (source.readableEnded) {
        this.#onEnd();
        return;
      }
      source.on('data', this.#onData);
      source.on('end', this.#onEnd);
    }
    if (this.#credit > 0 && source.isPaused()) source.resume();
  }

  /** Stops listening; what is left of the body is untouched. */
  detach(): void {
    if (this.#attached) {
      const source = this.#source;
      source.off('data', this.#onData);
      source.off('end', this.#onEnd);
    }
    this.#referenced.length = 0;
  }

  #onData = (data: Buffer | string): void => {
    const source = this.#source;
    // Somebody has set an encoding.
    const chunk =
      typeof data === 'string' ? Buffer.from(data, source.readableEncoding ?? 'utf8') : data;
    if (!this.#exchange.socket && isTooLarge(this.#exchange, this.#sent + chunk.length)) {
      this.detach();
      this.#exchange.exceed(AbortReason.bodyTooLarge);
      return;
    }
    this.#credit -= chunk.length;
    this.#send(chunk);
    if (this.#credit <= 0) source.pause();
  };

  #onEnd = (): void => {
    writeRequestEnd(this.#exchange, this.#exchange.req.rawTrailers);
  };

  #send(chunk: Uint8Array): void {
    this.#sent += chunk.length;
    if (writeRequestBody(this.#exchange, chunk)) this.#referenced.push({ chunk, end: this.#sent });
  }

  // What has been granted beyond the first window has been read.
  #release(): void {
    const read = this.#granted - Limits.bodyWindow;
    while (this.#referenced[0] && this.#referenced[0].end <= read) this.#referenced.shift();
  }
}

/** Whether a body of so many bytes is more than the handler takes. */
export function isTooLarge({ app }: Exchange, bytes: number): boolean {
  return bytes > app.limits.maxRequestBodySize;
}

/** What can be had of a body that a parser has read; undefined: none has, or nothing is left. */
export function consumedBody(req: IncomingMessage): Uint8Array | undefined {
  if (!req.readableDidRead) return undefined;
  const { rawBody, body } = req as { rawBody?: unknown; body?: unknown };
  if (rawBody instanceof Uint8Array) return rawBody;
  if (typeof rawBody === 'string') return Buffer.from(rawBody);
  try {
    return serialized(body, req.headers['content-type'] ?? '');
  } catch {
    // What stands in the place of the body is nothing that could have been sent.
    return undefined;
  }
}

/**
 * Sends a small body that has come whole along with its request, whose frame begins at `frame`: the app reads it
 * without a round trip. It is put back, so the handlers behind `next` find it untouched.
 */
export function attachBody(exchange: Exchange, frame: number): void {
  const { req } = exchange;
  if (exchange.state !== 'running' || !req.complete || req.readableDidRead) return;
  if (req.readableFlowing !== null || req.listenerCount('readable') > 0) return;
  if (req.readableEncoding !== null || req.readableLength === 0 || !hasRoom(req.readableLength))
    return;
  if (isTooLarge(exchange, req.readableLength)) {
    exchange.exceed(AbortReason.bodyTooLarge);
    return;
  }
  if (req.rawTrailers.length > 0) return;
  const chunk = takeBack(exchange);
  if (!chunk) return;
  addRequestFlags(frame, RequestFlags.bodyAttached);
  writeRequestBody(exchange, chunk);
  writeRequestEnd(exchange);
}

// What is patched into the request may throw; other requests wait in the same batch.
function takeBack({ req, app }: Exchange): Buffer | undefined {
  try {
    // Without a size it may be a part: from Node 26 on the first of its chunks.
    const chunk = req.read(req.readableLength) as Buffer;
    req.unshift(chunk);
    return chunk;
  } catch (error) {
    app.reportError(error as Error);
    return undefined;
  }
}

/** Flags of the request's frame. */
export function requestFlags(
  { app, req, next, http2 }: Exchange,
  consumed: Uint8Array | undefined,
): number {
  let flags = next && app.options.fallthrough ? RequestFlags.hasNext : 0;
  if ((req as { upgrade?: boolean }).upgrade && upgradeOf(req)?.isPossible)
    flags |= RequestFlags.upgrade;
  if (consumed) flags |= RequestFlags.bodyConsumed;
  else if (req.readableEnded && req.readableDidRead) flags |= RequestFlags.bodyLost;
  if (http2 && streamOf(req)?.endAfterHeaders === false) flags |= RequestFlags.hasBody;
  return flags;
}

/**
 * The response is complete and the request body is not: drains up to 256 KB or 5 s of it, so that the connection can
 * be used again; beyond that the connection closes once the response is out.
 */
export function drainRest({
  req,
  res,
  mayHaveBody,
}: Pick<Exchange, 'req' | 'res' | 'mayHaveBody'>): void {
  if (req.complete || req.destroyed) {
    if (mayHaveBody && req.readableDidRead) req.resume();
    return;
  }
  const stream = streamOf(req);
  if (stream && (stream.endAfterHeaders || stream.closed)) return;
  const { socket } = req;
  const close = stream ? () => stopReading(stream) : () => void socket.end();
  let drained = 0;
  let closing = false;
  const timer = setTimeout(stream ? close : () => socket.destroy(), DRAIN_MS).unref();
  req.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    // The FIN tells the client; what it still sends is read, or the response would be lost in a reset.
    if (drained > DRAIN_BYTES && !closing) {
      closing = true;
      if (res.writableFinished) close();
      else res.once('finish', close);
    }
  });
  req.once('close', () => clearTimeout(timer));
  req.resume();
}

/** A parsed body as bytes of its content type; undefined when it cannot be. */
function serialized(body: unknown, contentType: string): Uint8Array | undefined {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  if (body === undefined || body === null) return undefined;
  if (/[/+]json\b/i.test(contentType)) return Buffer.from(JSON.stringify(body));
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType))
    return Buffer.from(formEncoded(body));
  return undefined;
}

function formEncoded(body: object): string {
  const form = new URLSearchParams();
  const append = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) append(name, each);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) append(`${name}[${key}]`, each);
    else form.append(name, String(value));
  };
  for (const [name, value] of Object.entries(body)) append(name, value);
  return form.toString();
}
