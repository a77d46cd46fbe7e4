import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OwinError } from '../errors.ts';
import type { App } from '../hosting/app.ts';
import type { AppVersion } from '../hosting/version.ts';
import type { Buffering } from './buffering.ts';
import { beforeFlush } from './frame-slab.ts';
import { writeAbort, writeNextDone, writeRequest, writeRequestValues } from './frame-writer.ts';
import { AbortReason, NextDoneFlags, RequestFlags } from './frames.generated.ts';
import { cutOff, isHttp2, streamOf } from './http2.ts';
import { declaredSize } from './limits.ts';
import { whenClosed } from './pipelined.ts';
import { closing, refuse } from './refusal.ts';
import {
  attachBody,
  consumedBody,
  drainRest,
  isTooLarge,
  RequestBody,
  requestFlags,
} from './request-body.ts';
import { RequestBuffer } from './request-buffer.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';
import { requestValues } from './request-values.ts';
import { answerError, type HeldHead } from './response-body.ts';
import type { ResponseBuffer } from './response-buffer.ts';
import { mergeHeaders, type ResponseHeaders } from './response-head.ts';
import { type FileRange, FileTransfer } from './send-file.ts';
import { askBeforeHead } from './sending-headers.ts';
import { freeSlot, takeSlot } from './slots.ts';
import { endUnsent, upgradeOf } from './upgrade.ts';
import { UpgradedSocket } from './upgraded-socket.ts';

/** Express's and connect's continuation. */
export type Next = (error?: unknown) => void;

/**
 * One request and its response, the JavaScript half. Its states and what may arrive in them:
 *
 *   received ──begin──► running ──start──► started ──end──► completed
 *      │                  ├──continueWithNext──► continued ──endNext──► completed
 *      │                  ├──upgrade──► upgraded ──end──► completed
 *      ├──refuse──► completed
 *      └─closed───────────┴─closed, abort (also from started, upgraded)──► aborted ──released, endNext──► completed
 *
 * received   waits for its app, its turn or its whole body; .NET knows nothing of it
 * running    .NET has it: response, next, upgrade, failed, aborted, requestCredit
 * started    the head is sent or held: responseBody, sendFile, cancelFile, responseEnd, aborted, requestCredit
 * continued  the handlers behind `next` own the response; .NET's frames are dropped
 * upgraded   the socket is .NET's: responseBody, responseEnd, aborted, requestCredit
 * aborted    the client has gone: all frames are dropped until `released`, or another final frame that was under way
 * completed  the slot is free
 *
 * Invariant: the slot is given back exactly once, on a final frame or when `continued` ends; until then every chunk
 * of the request body that .NET may still read is kept alive.
 */
export class Exchange {
  state: 'received' | 'running' | 'started' | 'continued' | 'upgraded' | 'aborted' | 'completed' =
    'received';
  slot = -1;
  generation = 0;
  readonly app: App;
  /** The version of the app that answers; undefined while it waits. */
  version: AppVersion | undefined;
  /** The app failed, or answered with a status of 500 or above. */
  failed = false;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next | undefined;
  /** Made when .NET reads for the first time, or gets a body that a parser has read. */
  body: RequestBody | undefined;
  /** Once upgraded: the socket, which is .NET's. */
  socket: UpgradedSocket | undefined;
  /** The head and first bytes of a response that may turn out to be complete. */
  held: HeldHead | undefined;
  /** Headers that are set on the response one by one. */
  merged: ResponseHeaders | undefined;
  /** Response bytes that the client has taken and .NET has not been told of. */
  taken = 0;
  /** The response takes no more for now, and whether somebody listens for when it does. */
  blocked = false;
  // What is asked of each request again, remembered: see setHead.
  isHead = false;
  readonly http2: boolean;
  mayHaveBody = true;
  readonly #pipelined: boolean;
  drains = false;
  /** Numbers of the functions in the request's values, which .NET may call. */
  functions: number[] | undefined;
  /** A file that is being sent as a part of the body; nothing of the body follows before its end. */
  file: FileTransfer | undefined;
  /** A response that is kept until it is complete, and whether it may be. */
  buffer: ResponseBuffer | undefined;
  mayBuffer = true;
  /** Collects the request body before the app is called. */
  collector: RequestBuffer | undefined;
  #collected: Uint8Array | undefined;
  readonly #context = new AsyncResource('OwinExchange');

  constructor(app: App, req: IncomingMessage, res: ServerResponse, next: Next | undefined) {
    this.app = app;
    this.req = req;
    this.res = res;
    this.next = next;
    const closed = () => this.#closed();
    this.http2 = isHttp2(req);
    // The response of a HEAD on HTTP/2 says nothing when its stream is reset.
    if (this.http2) streamOf(res)?.on('close', closed);
    else res.on('close', closed);
    this.#pipelined = !res.socket && !this.http2;
    if (this.#pipelined && !upgradeOf(req)) res.on('close', whenClosed(req.socket, closed));
  }

  /** received → running: .NET gets the request. */
  begin(): void {
    if (this.state !== 'received') return;
    if (this.#isOver()) {
      this.abort();
      return;
    }
    const head = readRequestHead(this.req, this.app.options.trustProxy);
    if (head instanceof OwinError) {
      this.refuse(head);
      return;
    }
    if (this.app.buffering?.request && !this.#collected && this.#collect(this.app.buffering))
      return;
    const body = this.#collected ?? consumedBody(this.req);
    if (body && isTooLarge(this, body.length)) {
      this.exceed(AbortReason.bodyTooLarge);
      return;
    }
    takeSlot(this);
    const values = this.#values(head);
    if (values instanceof Error) {
      freeSlot(this);
      this.refuse(values);
      return;
    }
    this.state = 'running';
    this.version = this.app.version;
    this.version.exchangeBegan();
    this.isHead = head.method === 'HEAD';
    this.mayHaveBody = head.method !== 'GET' && !this.isHead;
    let flags = requestFlags(this, body) | (head.secure ? RequestFlags.secure : 0);
    if (values) {
      flags |= RequestFlags.hasValues;
      writeRequestValues(this, values);
    }
    const frame = writeRequest(this, this.version.id, flags, head.fieldCount, head.text);
    if (body) this.#body().replay(body);
    else if (frame !== -1 && this.mayHaveBody) beforeFlush(() => attachBody(this, frame));
  }

  // The app is called when the whole body has come. False: there is none, or a parser has it.
  #collect({ maxBuffer, collecting }: Buffering): boolean {
    const most = Math.min(maxBuffer, this.app.limits.maxRequestBodySize);
    const done = (body: Uint8Array | undefined) => {
      this.collector = undefined;
      collecting.delete(this);
      this.#collected = body;
      if (body) this.begin();
      else this.exceed(AbortReason.bodyTooLarge);
    };
    this.collector = RequestBuffer.of(this, most, done);
    if (!this.collector) return false;
    if (declaredSize(this.req) > most) this.exceed(AbortReason.bodyTooLarge);
    else collecting.add(this);
    return true;
  }

  // What cannot cross is the error of this request.
  #values(head: RequestHead): Buffer | Error | undefined {
    try {
      const handshake = this.app.seesHandshakes ? head.handshake : undefined;
      return requestValues(this.req, head.certificate, handshake, this);
    } catch (error) {
      return error as Error;
    }
  }

  /** The app has set another user. */
  setUser(user: unknown): void {
    try {
      (this.req as { user?: unknown }).user = user ?? undefined;
    } catch (error) {
      // It can only be read.
      this.app.reportError(error as Error);
    }
  }

  /** received → completed: .NET never hears of the request, the client gets the error. */
  refuse(error: Error): void {
    if (this.state !== 'received') return;
    this.state = 'completed';
    this.app.exchangeEnded(this);
    if (!this.next) drainRest(this);
    answerError(this, error);
  }

  /** .NET may get `bytes` more of the request body. */
  grantRequestBody(bytes: number): void {
    this.#body().grant(bytes);
  }

  /** A part of a file is the next of the response body. */
  sendFile(range: FileRange): void {
    this.file = new FileTransfer(this, range);
    this.run(() => this.file?.start());
  }

  #body(): RequestBody {
    return (this.body ??= new RequestBody(this));
  }

  get keepsThrown(): 'until the owner ends' {
    return 'until the owner ends';
  }

  /** Runs `call` in the async context the request came in. */
  run<T>(call: () => T): T {
    return this.#context.runInAsyncScope(call);
  }

  /** running → continued, with the headers that .NET has set; `asks`: it wants to see the head before it leaves. */
  continueWithNext(headers: ResponseHeaders, asks: boolean): void {
    const { res, next } = this;
    this.state = 'continued';
    this.body?.detach();
    if (this.#isOver()) return;
    this.run(() => {
      const error = setHeaders(res, headers);
      if (asks) askBeforeHead(this);
      next?.(error);
    });
  }

  /** running → upgraded: the 101 goes out with these headers, then the socket is .NET's; aborted where it is not ours. */
  upgrade(headers: ResponseHeaders): void {
    const socket = upgradeOf(this.req)?.claim();
    if (!socket) {
      this.abort();
      endUnsent(this.res);
      return;
    }
    this.state = 'upgraded';
    this.socket = new UpgradedSocket(this, socket);
    this.body = this.socket.incoming;
    this.socket.switchProtocols(headers);
  }

  /** continued → completed, or aborted → completed where .NET went on with `next` just before it could hear of it. */
  endNext(): void {
    const { res } = this;
    // The stream of HTTP/2 finishes also where it is reset.
    const whole = res.writableFinished && (!this.http2 || res.writableEnded);
    writeNextDone(this, res.statusCode, whole ? 0 : NextDoneFlags.failed);
    this.state = 'completed';
    freeSlot(this);
    this.app.exchangeEnded(this);
  }

  /** A final frame came: .NET holds nothing of this exchange any more. */
  finish(): void {
    this.state = 'completed';
    freeSlot(this);
    this.file?.stop();
    this.buffer = undefined;
    this.body?.detach();
    drainRest(this);
    this.app.exchangeEnded(this);
  }

  /** A limit of the handler is exceeded: an answer that says so where none has begun, else a closed connection. */
  exceed(reason: number): void {
    const { res } = this;
    if (this.state === 'received') {
      this.collector?.stop();
      drainRest(this);
    }
    this.abort(reason);
    this.run(() => {
      if (reason === AbortReason.bodyTooLarge) refuse(res, 413);
      else if (reason === AbortReason.requestTimeout) refuse(res, 504);
      else if (reason === AbortReason.receiveTimeout) refuse(res, 408, closing);
      else cutOff(res);
    });
  }

  /** The response cannot go on, and .NET must hear of it. `reason` is one of `AbortReason`. */
  abort(reason: number = AbortReason.clientGone): void {
    if (this.state === 'received') {
      this.collector?.stop();
      this.state = 'completed';
      this.app.exchangeEnded(this);
    } else if (this.state === 'running' || this.state === 'started' || this.state === 'upgraded') {
      this.state = 'aborted';
      this.held = undefined;
      this.buffer = undefined;
      this.file?.stop();
      this.socket?.destroy();
      writeAbort(this, reason);
    }
  }

  // The response has been sent, or its connection has closed before.
  #closed(): void {
    this.app.deadlines?.delete(this);
    if (this.state === 'continued') this.endNext();
    // From then on the socket tells.
    else if (!this.socket?.isOpen) this.abort();
  }

  // JavaScript has answered, or nobody is there any more.
  #isOver(): boolean {
    const { req, res } = this;
    if (res.writableEnded || res.destroyed) return true;
    return this.http2 ? streamOf(res)?.closed === true : this.#pipelined && req.socket.destroyed;
  }
}

/** Ends an exchange whose app closes. */
export function abortExchange(exchange: Exchange): void {
  // What `next` led to has the response, and may go on without .NET.
  if (exchange.state === 'continued') {
    exchange.endNext();
    return;
  }
  exchange.abort(AbortReason.handlerClosing);
  refuse(exchange.res, 503, closing);
}

// What a patched response throws is an error for the handlers behind `next`.
function setHeaders(res: ServerResponse, headers: ResponseHeaders): unknown {
  try {
    if (headers.flat.length > 0 && !res.headersSent) mergeHeaders(res, headers);
    return undefined;
  } catch (error) {
    return error;
  }
}
