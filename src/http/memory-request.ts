import { IncomingMessage } from 'node:http';
import type { MemorySocket } from './memory-socket.ts';

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

/** As Node's parser makes it, of HTTP/1.1; its body is whole. Where it comes in parts, `feedFrom` follows. */
export function makeRequest(socket: MemorySocket, request: MemoryRequest): IncomingMessage {
  const req = new IncomingMessage(socket.asSocket);
  req.method = request.method;
  req.url = request.target;
  req.httpVersion = '1.1';
  req.httpVersionMajor = 1;
  req.httpVersionMinor = 1;
  (req as unknown as LineTaker)._addHeaderLines(request.rawHeaders, request.rawHeaders.length);
  const { body } = request;
  if (isSource(body)) return req;
  if (body && body.length > 0) req.push(body);
  req.complete = true;
  req.push(null);
  return req;
}

export function isSource(body: MemoryRequest['body']): body is BodySource {
  return body !== undefined && !(body instanceof Uint8Array);
}

/** Gives the request a part of its body whenever it wants one; `failed` hears what the source throws. */
export function feedFrom(
  source: BodySource,
  req: IncomingMessage,
  failed: (error: unknown) => void,
): void {
  let reading = false;
  req._read = (size) => {
    IncomingMessage.prototype._read.call(req, size);
    if (reading || req.complete) return;
    reading = true;
    source.read().then((chunk) => {
      reading = false;
      if (req.destroyed) return;
      if (chunk) {
        req.push(chunk);
        return;
      }
      req.complete = true;
      if (source.trailers) req.rawTrailers = source.trailers;
      req.push(null);
    }, failed);
  };
}

/** What a request whose connection closes fails with, if somebody listens. */
export function connectionReset(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

type LineTaker = { _addHeaderLines(lines: string[], count: number): void };
