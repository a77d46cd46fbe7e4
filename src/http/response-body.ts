import type { OwinError } from '../errors.ts';
import type { Exchange } from './exchange.ts';
import { writeResponseCredit } from './frame-writer.ts';
import { Limits } from './frames.generated.ts';
import { type ResponseHeaders, setHead } from './response-head.ts';

/** A first chunk: latin-1 text when it is short, which Node joins with the head into one write. */
export type Chunk = string | Buffer;

/** A head that is not sent yet, and the first bytes of the body. */
export interface HeldHead {
  status: number;
  reason: string;
  headers: ResponseHeaders;
  chunk: Chunk;
}

const CREDIT_STEP = Limits.bodyWindow / 4;
const heldExchanges: Exchange[] = [];

/** Keeps the head until the drain is over, in case the end follows. */
export function holdHead(exchange: Exchange, head: HeldHead): void {
  exchange.held = head;
  heldExchanges.push(exchange);
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
  if (!canSend(exchange)) return;
  const { req, res } = exchange;
  const framed = req.method !== 'HEAD' && head.status !== 204 && head.status !== 304;
  exchange.run(() => {
    setHead(res, head.status, head.reason, head.headers, framed ? head.chunk.length : undefined);
    if (head.chunk.length === 0) res.end();
    else if (typeof head.chunk === 'string') res.end(head.chunk, 'latin1');
    else res.end(head.chunk);
  });
  exchange.finish();
}

/** A further chunk. Credit goes back when the client has taken it. */
export function sendChunk(exchange: Exchange, chunk: Chunk): void {
  if (exchange.held) sendStart(exchange, exchange.held);
  if (exchange.state !== 'started') return;
  write(exchange, chunk);
}

/** The response is complete. */
export function sendEnd(exchange: Exchange): void {
  if (exchange.held) {
    sendComplete(exchange, exchange.held);
    return;
  }
  if (exchange.state !== 'started') return;
  exchange.run(() => exchange.res.end());
  exchange.finish();
}

function sendStart(exchange: Exchange, head: HeldHead): void {
  exchange.held = undefined;
  if (!canSend(exchange)) return;
  exchange.run(() => {
    setHead(exchange.res, head.status, head.reason, head.headers, undefined);
    if (head.chunk.length === 0) exchange.res.flushHeaders();
  });
  if (head.chunk.length > 0) write(exchange, head.chunk);
}

/** False: JavaScript has answered already or the connection is gone, and .NET has been told. */
function canSend(exchange: Exchange): boolean {
  if (exchange.state !== 'started') return false;
  if (!exchange.res.headersSent && !exchange.res.destroyed) return true;
  exchange.abort();
  return false;
}

function write(exchange: Exchange, chunk: Chunk): void {
  const { res } = exchange;
  exchange.taken += chunk.length;
  const flows = typeof chunk === 'string' ? res.write(chunk, 'latin1') : res.write(chunk);
  if (exchange.blocked) return;
  if (flows !== false) {
    if (exchange.taken >= CREDIT_STEP) giveCredit(exchange);
    return;
  }
  exchange.blocked = true;
  res.once('drain', () => {
    exchange.blocked = false;
    giveCredit(exchange);
  });
}

function giveCredit(exchange: Exchange): void {
  if (exchange.state !== 'started' || exchange.taken === 0) return;
  writeResponseCredit(exchange, exchange.taken);
  exchange.taken = 0;
}

/** Answers an error: through `next` where there is one, else as an empty 500 (or 400 for a refused request). */
export function answerError(
  exchange: Exchange,
  error: Error & { status?: number; statusCode?: number },
): void {
  const { res, next, app } = exchange;
  const refused = (error as OwinError).code === 'ERR_OWIN_BAD_REQUEST';
  if (next && !refused) {
    error.status ??= 500;
    exchange.run(() => next(error));
    return;
  }
  if (!refused) app.reportError(error);
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  if (refused) res.setHeader('Connection', 'close');
  res.statusCode = refused ? 400 : 500;
  exchange.run(() => res.end());
}
