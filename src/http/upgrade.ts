import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeGently } from './socket-end.ts';

const kUpgrade = Symbol('owin.upgrade');
const MOST_EARLY_BYTES = 64 * 1024;
const { writeHead } = ServerResponse.prototype;

// Such a Node gives the request its body, and until that has come a stream in the place of the socket.
const readsBodies = Number.parseInt(process.versions.node, 10) >= 26;

// Listeners for 'upgrade' that this module has made.
const ours = new WeakSet<object>();

/** Listens to 'upgrade' of a server; see `owin.attach()` and `handler.upgrade`. */
export type UpgradeListener = (req: IncomingMessage, socket: Socket, head: Buffer) => void;

type RequestHandler = (req: IncomingMessage, res: ServerResponse) => void;

/** A listener for 'upgrade' that hands each request on with a response, as 'request' would. */
export function upgradeListener(handle: RequestHandler): UpgradeListener {
  const listener: UpgradeListener = (req: UpgradeRequest, socket, head) => {
    const upgrade = (req[kUpgrade] ??= new Upgrade(req, socket, head));
    // The listeners behind this one come first: what one of them takes at once is its own.
    process.nextTick(() => upgrade.begin(req, handle));
  };
  ours.add(listener);
  return listener;
}

/** The upgrade that a request asks for; undefined: none, or it did not come through here. */
export function upgradeOf(req: UpgradeRequest): Upgrade | undefined {
  return req[kUpgrade];
}

type UpgradeRequest = IncomingMessage & { [kUpgrade]?: Upgrade };

/**
 * A request for an upgrade, on its way through the handlers:
 *
 *   undecided ──claim──► claimed      an app has accepted: the socket is the exchange's
 *      ├──answer──► answered          a response has started and nobody else listens: it goes to the socket
 *      └──leave──► left               a response has started, or somebody else has taken the socket: it is theirs
 *
 * Until then the responses have no socket, nothing is written, and where somebody else listens nothing is read: our
 * listeners are there to hear of its end. Each listener of ours makes a response of its own; the last of them decides.
 */
export class Upgrade {
  #state: 'undecided' | 'claimed' | 'answered' | 'left' = 'undecided';
  readonly #socket: Socket;
  readonly #server: Pick<Server, 'listeners'> | undefined;
  // What has come behind the request.
  readonly #early: Buffer[];
  #watched = false;
  readonly #written: number;
  readonly #responses = new Set<ServerResponse>();
  // Listeners of ours that have not decided.
  #waiting: number;

  constructor(req: IncomingMessage, socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#server = (req.socket as { server?: Pick<Server, 'listeners'> }).server;
    this.#early = head.length > 0 ? [head] : [];
    this.#written = socket.bytesWritten;
    this.#waiting = Math.max(1, this.#listeners().filter((each) => ours.has(each)).length);
    // HTTP/1.0 has no upgrades (RFC 9110 §7.8).
    this.isPossible = req.httpVersion === '1.1' && !hasBody(req);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  /** An app may accept it. */
  readonly isPossible: boolean;

  /** Hands the request on, unless somebody else has taken the socket. */
  begin(req: IncomingMessage, handle: RequestHandler): void {
    if (this.#isTaken()) this.#leave();
    else if (hasBody(req) && this.#isAlone()) this.#passOver(req, handle);
    else if (this.#state === 'undecided') {
      if (this.#isAlone()) this.#watch();
      handle(req, this.#response(req));
    }
  }

  /**
   * undecided → claimed: the socket is the caller's, with what came after the request put back in front.
   * Undefined: it is somebody else's.
   */
  claim(): Socket | undefined {
    if (this.#state !== 'undecided' || this.#isTaken()) return undefined;
    this.#state = 'claimed';
    this.#release();
    this.#putBack();
    return this.#socket;
  }

  // A response that decides once its head is made. Not a class of its own: express changes the prototype.
  #response(req: IncomingMessage): ServerResponse {
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.writeHead = (...args: unknown[]) => {
      Reflect.apply(writeHead, res, args);
      if (this.#responses.has(res)) this.#decide(res);
      return res;
    };
    this.#responses.add(res);
    return res;
  }

  #decide(res: ServerResponse): void {
    // Accepted: it is the head of the 101.
    if (this.#state === 'claimed' && res.statusCode === 101) return;
    this.#responses.delete(res);
    this.#waiting--;
    if (this.#state !== 'undecided' || this.#waiting > 0) endUnsent(res);
    else if (this.#isAlone() && !this.#isTaken()) this.#answer(res);
    else {
      endUnsent(res);
      this.#leave();
    }
  }

  #answer(res: ServerResponse, socket = this.#socket): void {
    this.#state = 'answered';
    this.#release();
    this.#socket.on('error', ignore);
    res.assignSocket(socket);
    // Read, or nobody would hear of a client that leaves before the answer ends. What else it sends is for nobody.
    socket.on('end', () => socket.end());
    socket.resume();
    socket.on('drain', () => {
      if (res.writableNeedDrain) res.emit('drain');
    });
    res.on('finish', () => {
      res.detachSocket(socket);
      endUnsent(res);
      closeGently(socket);
    });
  }

  #leave(): void {
    if (this.#state !== 'undecided') return;
    this.#state = 'left';
    this.#release();
    for (const res of this.#responses) endUnsent(res);
    // While nobody else hears of an error, one would end the process.
    if (this.#socket.listenerCount('error') === 0) this.#socket.on('error', ignore);
  }

  // A request with a body is none that can be upgraded, but an ordinary one.
  #passOver(req: IncomingMessage, handle: RequestHandler): void {
    if (!readsBodies) return this.#parseAgain(req);
    if (this.#state !== 'undecided') return;
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    this.#answer(res, req.socket);
    handle(req, res);
  }

  // Node reads it once more.
  #parseAgain(req: IncomingMessage): void {
    if (this.#state !== 'undecided') return;
    this.#state = 'left';
    this.#release();
    const socket = this.#socket as Socket & { server?: Server; encrypted?: boolean };
    this.#putBack();
    socket.unshift(headWithoutUpgrade(req));
    socket.server?.emit(socket.encrypted ? 'secureConnection' : 'connection', socket);
  }

  // A client that leaves shows only to one who reads. Where nobody else may want the socket, what comes is kept.
  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#socket.on('data', this.#onData);
    this.#socket.on('end', this.#onEnd);
  }

  #onData = (chunk: Buffer): void => {
    this.#early.push(chunk);
    if (this.#early.reduce((sum, { length }) => sum + length, 0) > MOST_EARLY_BYTES)
      this.#socket.pause();
  };

  // As for any request: one whose client sends no more is over.
  #onEnd = (): void => {
    this.#socket.end();
  };

  #putBack(): void {
    if (this.#early.length > 0) this.#socket.unshift(Buffer.concat(this.#early));
  }

  #release(): void {
    const socket = this.#socket;
    socket.off('error', ignore);
    socket.off('close', this.#onClose);
    if (!this.#watched) return;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.pause();
  }

  #onClose = (): void => {
    for (const res of this.#responses) endUnsent(res);
  };

  // Somebody has written to the socket or reads it.
  #isTaken(): boolean {
    const { writable, bytesWritten, readableFlowing } = this.#socket;
    const isRead = readableFlowing === true && !this.#watched;
    return !writable || bytesWritten !== this.#written || isRead;
  }

  // Nobody else listens. Where no listener of ours does, one of somebody else's has called us.
  #isAlone(): boolean {
    const listeners = this.#listeners();
    const others = listeners.filter((each) => !ours.has(each)).length;
    return others <= (others === listeners.length ? 1 : 0);
  }

  #listeners(): object[] {
    return this.#server?.listeners('upgrade') ?? [];
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() !== 'upgrade')
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Tells those who wait for the end of a response that has no socket, or none any more. */
export function endUnsent(res: ServerResponse & { _closed?: boolean }): void {
  process.nextTick(() => {
    if (res._closed) return;
    res.destroyed = true;
    res._closed = true;
    res.emit('close');
  });
}

function ignore(): void {}
