import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { OwinError } from '../errors.ts';
import { drain, type GiveBack } from '../hosting/bridge.ts';
import type { Buffering } from './buffering.ts';
import type { Exchange } from './exchange.ts';
import { writeResponseCredit } from './frame-writer.ts';
import { Limits } from './frames.generated.ts';
import { cutOff, streamOf } from './http2.ts';
import { closing, refuse } from './refusal.ts';
import { ResponseBuffer } from './response-buffer.ts';
import { flushHead, type ResponseHeaders, setHead, unsetHead } from './response-head.ts';
import { addTrailers } from './trailers.ts';

/** A first chunk: latin-1 text when it is short, which Node joins with the head into one write. */
export type Chunk = string | Buffer;

/** A head that is not sent yet, and the first bytes of the body. */
export interface HeldHead {
  status: number;
  reason: string;
  headers: ResponseHeaders;
  chunk: Chunk;
}

const heldExchanges: Exchange[] = [];
const written = new Set<Exchange>();

/** Keeps the head until the drain is over, in case the end follows; or with all of its body until that has come. */
export function holdHead(exchange: Exchange, head: HeldHead): void {
  if (exchange.app.buffering?.response && buffers(exchange, head)) return;
  exchange.held = head;
  heldExchanges.push(exchange);
}

// What a policy of the user's throws ends this response.
function buffers(exchange: Exchange, head: HeldHead): boolean {
  if (!exchange.mayBuffer) return false;
  exchange.mayBuffer = false;
  const { response, maxBuffer } = exchange.app.buffering as Buffering;
  let buffered = true;
  give(exchange, () => {
    buffered = response?.(exchange, head) ?? false;
    if (!buffered) return;
    exchange.buffer = new ResponseBuffer(exchange, head, maxBuffer);
    exchange.buffer.add(head.chunk);
  });
  return buffered;
}

/** Whether responses are held that nothing may follow any time soon. */
export function hasHeld(): boolean {
  return heldExchanges.length > 0;
}

/** Sends the heads whose end has not come. */
export function sendHeld(): void {
  for (const exchange of heldExchanges.splice(0))
    if (exchange.held) sendStart(exchange, exchange.held);
}

/** A whole response at once, framed by its length. */
export function sendComplete(exchange: Exchange, head: HeldHead): void {
  exchange.held = undefined;
  if (heldExchanges.at(-1) === exchange) heldExchanges.pop();
  exchange.finish();
  if (!canSend(exchange)) return;
  const { res, isHead } = exchange;
  const framed = !isHead && head.status !== 204 && head.status !== 304;
  give(exchange, () => {
    setHead(
      exchange,
      head.status,
      head.reason,
      head.headers,
      framed ? head.chunk.length : undefined,
    );
    if (head.chunk.length === 0) res.end();
    else if (typeof head.chunk === 'string') res.end(head.chunk, 'latin1');
    else res.end(head.chunk);
  });
}

/** Whether a chunk is nobody's any more once the response's write callback is called: nobody has patched its way. */
export function givesBack(res: ServerResponse): boolean {
  return (
    res.write === ServerResponse.prototype.write && res.socket?.write === Socket.prototype.write
  );
}

/** A further chunk. Credit goes back when the client has taken it; `giveBack` is called when it is needed no more. */
export function sendChunk(exchange: Exchange, chunk: Chunk, giveBack?: GiveBack): void {
  if (exchange.buffer) {
    exchange.buffer.add(chunk);
    return;
  }
  if (exchange.held) sendStart(exchange, exchange.held);
  if (exchange.state !== 'started') return;
  write(exchange, chunk, giveBack);
}

/** Lets go what was written during a drain: the chunks of a response leave together. */
export function uncorkAll(): void {
  if (written.size === 0) return;
  const exchanges = [...written];
  written.clear();
  for (const exchange of exchanges) {
    const carrier = carrierOf(exchange);
    // A response that has ended has uncorked it.
    if (carrier && carrier.writableCorked > 0) carrier.uncork();
    if (Object.hasOwn(exchange.res, 'flush')) flush(exchange.res);
  }
}

// Not the response itself is corked: from Node 22 on the end of a chunked one that is overtakes its last chunks.
function carrierOf({ res, http2 }: Exchange): Duplex | null | undefined {
  return http2 ? streamOf(res) : res.socket;
}

// Compression keeps bytes back until it is told that they are to leave.
function flush(res: ServerResponse & { flush?(): void }): void {
  try {
    res.flush?.();
  } catch {
    cutOff(res);
  }
}

/** The response is complete; trailers are name and value by turns. */
export function sendEnd(exchange: Exchange, trailers?: string[]): void {
  if (exchange.buffer) {
    if (!trailers) {
      exchange.buffer.end();
      return;
    }
    exchange.buffer.release();
  }
  if (exchange.held) {
    if (!trailers) {
      sendComplete(exchange, exchange.held);
      return;
    }
    sendStart(exchange, exchange.held);
  }
  if (exchange.state !== 'started') return;
  exchange.finish();
  give(exchange, () => {
    if (trailers) addTrailers(exchange.res, trailers);
    exchange.res.end();
  });
}

/** The head with the first bytes of a body that goes on. */
export function sendStart(exchange: Exchange, head: HeldHead): void {
  exchange.held = undefined;
  if (!canSend(exchange)) return;
  give(exchange, () => {
    setHead(exchange, head.status, head.reason, head.headers, undefined);
    if (head.chunk.length === 0) flushHead(exchange.res, head.reason, head.headers);
    else write(exchange, head.chunk);
  });
}

/** False: JavaScript has answered already or the connection is gone, and .NET has been told. */
function canSend(exchange: Exchange): boolean {
  const { res } = exchange;
  if (!res.headersSent && !res.destroyed) return true;
  if (res.writableEnded || res.destroyed) {
    exchange.abort();
  } else {
    const { req } = exchange;
    const detail = `JavaScript began to answer ${req.method} ${req.url}, which .NET has answered as well.`;
    stop(exchange, new OwinError('ERR_OWIN_RESPONSE', detail));
  }
  return false;
}

/** Hands something to the response. What a patched method throws ends this response and no other. */
function give(exchange: Exchange, call: () => void): void {
  try {
    exchange.run(call);
  } catch (error) {
    stop(exchange, error as Error);
  }
}

/**
 * The response cannot go on, by JavaScript's doing: .NET hears of it, and whoever takes the error. Of a head that was
 * not sent nothing is left: its length would frame the answer to the error.
 */
function stop(exchange: Exchange, error: Error): void {
  unsetHead(exchange);
  exchange.abort();
  process.nextTick(() => {
    if (!exchange.res.headersSent) return answerError(exchange, error);
    cutOff(exchange.res);
    exchange.app.reportError(error);
  });
}

/** Takes a held head that is to leave with what follows; one with body bytes leaves now. */
export function takeHead(exchange: Exchange): HeldHead | undefined {
  exchange.buffer?.release();
  const { held } = exchange;
  if (held && held.chunk.length > 0) {
    sendStart(exchange, held);
    return undefined;
  }
  exchange.held = undefined;
  return held;
}

/**
 * A part of a file, after the head where that is not sent yet; like a chunk, but .NET waits for the end of the file
 * and not for credit.
 */
export function writeFileBytes(
  exchange: Exchange,
  head: HeldHead | undefined,
  bytes: Buffer,
  giveBack?: GiveBack,
): void {
  if (head) {
    if (!canSend(exchange)) return;
    give(exchange, () => setHead(exchange, head.status, head.reason, head.headers, undefined));
  }
  if (exchange.state === 'started') offer(exchange, bytes, giveBack);
}

function write(exchange: Exchange, chunk: Chunk, giveBack?: GiveBack): void {
  exchange.taken += chunk.length;
  if (!written.has(exchange)) {
    written.add(exchange);
    carrierOf(exchange)?.cork();
  }
  if (offer(exchange, chunk, giveBack) && exchange.taken >= Limits.creditStep) giveCredit(exchange);
}

/** Gives bytes to the response. True: it takes more. */
function offer(exchange: Exchange, chunk: Chunk, giveBack?: GiveBack): boolean {
  const { res } = exchange;
  if (res.writableEnded || res.destroyed) {
    exchange.abort();
    return false;
  }
  let flows: boolean;
  try {
    flows = typeof chunk === 'string' ? res.write(chunk, 'latin1') : res.write(chunk, giveBack);
  } catch (error) {
    stop(exchange, error as Error);
    return false;
  }
  if (exchange.blocked) return false;
  if (flows !== false) return true;
  exchange.blocked = true;
  if (exchange.drains) return false;
  exchange.drains = true;
  // Not once and again: compression passes the listener on and would never take it back.
  res.on('drain', () => {
    exchange.blocked = false;
    giveCredit(exchange);
    exchange.file?.advance();
    // .NET may have posted more without a wake: it knew that credit was due.
    drain();
  });
  return false;
}

/** Tells .NET what has been taken. */
export function giveCredit(exchange: Exchange): void {
  if (exchange.state !== 'started' || exchange.taken === 0) return;
  writeResponseCredit(exchange, exchange.taken);
  exchange.taken = 0;
}

/** Answers an error: through `next` where it may, else as an empty 500 (or 400 for a refused request). */
export function answerError(
  exchange: Exchange,
  error: Error & { status?: number; statusCode?: number },
): void {
  const { res, next, app } = exchange;
  const { code } = error as OwinError;
  const refused = code === 'ERR_OWIN_BAD_REQUEST';
  // The app has ended before its answer.
  const closed = code === 'ERR_OWIN_APP_CLOSED';
  // As what is beyond the handler's limits.
  if (code === 'ERR_OWIN_FUNCTION_QUEUE_FULL') {
    refuse(res, 503, { 'Retry-After': '1' });
    return;
  }
  if (next && !refused && app.options.errors === 'next') {
    error.status ??= closed ? 503 : 500;
    exchange.run(() => next(error));
    return;
  }
  if (!refused && !closed) app.reportError(error);
  const status = refused ? 400 : closed ? 503 : 500;
  exchange.run(() => refuse(res, status, refused || closed ? closing : {}));
}
