import type { Socket } from 'node:net';
import { drain, type GiveBack } from '../hosting/bridge.ts';
import type { Exchange } from './exchange.ts';
import { writeResponseCredit, writeUpgraded } from './frame-writer.ts';
import { Limits } from './frames.generated.ts';
import { RequestBody } from './request-body.ts';
import { type ResponseHeaders, setHead } from './response-head.ts';
import { closeGently } from './socket-end.ts';
import { endUnsent } from './upgrade.ts';

const corked: Socket[] = [];
let count = 0;

/** Sockets that are .NET's and open. */
export function socketCount(): number {
  return count;
}

/** Lets go what was written during a drain: the chunks for a socket leave together. */
export function uncorkSockets(): void {
  for (const socket of corked.splice(0)) if (socket.writableCorked > 0) socket.uncork();
}

/**
 * The socket of an accepted upgrade: claimed ──switchProtocols──► open ──end, destroy, 'close'──► closed. What comes
 * in goes to .NET as the request body went, what .NET writes goes out as the response body did, with the same windows.
 */
export class UpgradedSocket {
  /** What comes in. */
  readonly incoming: RequestBody;
  /** The 101 has been sent, and the socket has not closed. */
  isOpen = false;
  readonly #exchange: Exchange;
  readonly #socket: Socket;
  #taken = 0;
  #blocked = false;

  /** @param socket claimed: nobody else listens to it */
  constructor(exchange: Exchange, socket: Socket) {
    this.#exchange = exchange;
    this.#socket = socket;
    this.incoming = new RequestBody(exchange, socket);
    count++;
    // TLS sockets end when their peer does: what .NET has not read by then would be lost, and so would its answer.
    socket.allowHalfOpen = true;
    socket.once('close', () => {
      count--;
      this.isOpen = false;
      exchange.abort();
    });
    // 'close' follows, and says all there is to say.
    socket.on('error', () => {});
  }

  /** Sends the 101 as the response that it is, so that what middleware has set or listens for has its effect. */
  switchProtocols(headers: ResponseHeaders): void {
    const exchange = this.#exchange;
    const { res } = exchange;
    res.once('finish', () => this.#open());
    try {
      exchange.run(() => {
        res.assignSocket(this.#socket);
        setHead(exchange, 101, '', headers, undefined);
        for (const name of ['Content-Length', 'Transfer-Encoding']) res.removeHeader(name);
        res.end();
      });
    } catch (error) {
      exchange.abort();
      exchange.app.reportError(error as Error);
    }
  }

  #open(): void {
    const exchange = this.#exchange;
    const socket = this.#socket;
    exchange.res.detachSocket(socket);
    endUnsent(exchange.res);
    if (exchange.state !== 'upgraded' || socket.destroyed) return;
    this.isOpen = true;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.on('drain', this.#onDrain);
    writeUpgraded(exchange);
    // Reading begins before .NET asks for it, or nobody would hear of a client that has gone.
    this.incoming.grant(Limits.bodyWindow);
  }

  /** A chunk for the socket; `giveBack` is called when it is needed no more. */
  write(chunk: Buffer, giveBack?: GiveBack): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    this.#taken += chunk.length;
    if (socket.writableCorked === 0) {
      socket.cork();
      corked.push(socket);
    }
    const flows = socket.write(chunk, giveBack);
    if (!flows) this.#blocked = true;
    else if (!this.#blocked && this.#taken >= Limits.creditStep) this.#giveCredit();
  }

  /** .NET is done: what it wrote is sent, then the connection ends. */
  end(): void {
    this.#exchange.finish();
    this.#uncork();
    closeGently(this.#socket);
  }

  /** Drops the connection. What the system takes at once of what was written before still goes out. */
  destroy(): void {
    this.#uncork();
    this.#socket.destroy();
  }

  #uncork(): void {
    if (this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  #onDrain = (): void => {
    this.#blocked = false;
    this.#giveCredit();
    // .NET may have posted more without a wake: it knew that credit was due.
    drain();
  };

  #giveCredit(): void {
    if (this.#exchange.state !== 'upgraded' || this.#taken === 0) return;
    writeResponseCredit(this.#exchange, this.#taken);
    this.#taken = 0;
  }
}
