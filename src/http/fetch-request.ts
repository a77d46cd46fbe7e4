import { OwinError } from '../errors.ts';
import type { FetchInput } from './fetch.ts';
import type { BodySource, MemoryRequest } from './memory-request.ts';

type FetchRequest = MemoryRequest & {
  signal: AbortSignal | undefined;
};

const initKeys = ['method', 'headers', 'body', 'signal', 'duplex'] as const;
// Methods that are written as they are, and for which a plain text needs no Request to be made.
const plainMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
// RFC 9110 §7.6.1: what is about a connection means nothing here.
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * What a fetch asks for.
 *
 * @throws what `new Request(input, init)` throws; TypeError for a body that was read; OwinError `ERR_OWIN_FETCH` for an
 * upgrade, which a Response cannot be
 */
export function requestOf(input: FetchInput, init: RequestInit | undefined): FetchRequest {
  // Frameworks that call a fetch give it things of their own as well, which are no init.
  const given = init && initKeys.some((key) => init[key] !== undefined) ? init : undefined;
  if (isRequest(input)) return ofRequest(given ? new Request(input, given) : input);
  const url = parse(String(input));
  const { method = 'GET', headers, body, signal } = given ?? {};
  const hasBody = body !== undefined && body !== null;
  const isPlain = !hasBody || typeof body === 'string' || isBytes(body);
  if (!isPlain || !plainMethods.has(method) || (hasBody && /^(GET|HEAD)$/.test(method)))
    return ofRequest(new Request(url, given));
  const bytes = bodyBytes(body);
  const all = headers === undefined ? undefined : new Headers(headers);
  const rawHeaders = rawHeadersOf(
    all,
    url,
    bytes ? bytes.length : method === 'POST' || method === 'PUT' ? 0 : undefined,
  );
  if (typeof body === 'string' && !all?.has('content-type'))
    rawHeaders.push('content-type', 'text/plain;charset=UTF-8');
  return {
    method,
    target: url.pathname + url.search,
    secure: url.protocol === 'https:',
    rawHeaders,
    body: bytes,
    signal: signal ?? undefined,
  };
}

function ofRequest(request: Request): FetchRequest {
  const url = parse(request.url);
  if (request.bodyUsed) throw new TypeError('The body of the request has been read already.');
  const { body } = request;
  const rawHeaders = rawHeadersOf(request.headers, url, undefined);
  const length = request.headers.get('content-length');
  if (body && length === null) rawHeaders.push('transfer-encoding', 'chunked');
  return {
    method: request.method,
    target: url.pathname + url.search,
    secure: url.protocol === 'https:',
    rawHeaders,
    body: body ? new StreamSource(body, length === null ? undefined : Number(length)) : undefined,
    signal: request.signal,
  };
}

// Also one of another realm or library: what it has counts.
function isRequest(input: FetchInput): input is Request {
  return typeof input === 'object' && !(input instanceof URL) && 'headers' in input;
}

function isBytes(body: unknown): body is ArrayBuffer | ArrayBufferView {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

function bodyBytes(body: string | ArrayBuffer | ArrayBufferView | null | undefined) {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  // A copy, as the standard has it: what the caller does with its bytes later is no part of the request.
  if (body instanceof ArrayBuffer) return Buffer.from(body.slice(0));
  return Buffer.from(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}

function parse(input: string): URL {
  const url = new URL(input, 'http://localhost');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(
      `'${url.protocol}' is no scheme of HTTP; a handler takes http: and https:.`,
    );
  if (url.username || url.password)
    throw new TypeError('A url with credentials: give them as the header Authorization.');
  return url;
}

/** @param length of the body, where it is known */
function rawHeadersOf(
  headers: Headers | undefined,
  url: URL,
  length: number | undefined,
): string[] {
  const raw: string[] = [];
  if (!headers?.has('host')) raw.push('host', url.host);
  headers?.forEach((value, name) => {
    if (name !== 'content-length' || length === undefined) raw.push(name, value);
  });
  if (length !== undefined) raw.push('content-length', String(length));
  return inMemoryLines(raw, url.pathname);
}

/**
 * Header lines without those that are about a connection; an offer of HTTP/2 goes with them.
 *
 * @param path of the request, for the message
 * @throws OwinError `ERR_OWIN_FETCH` for an upgrade
 */
export function inMemoryLines(lines: readonly string[], path: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const [name, value] = [lines[i] as string, lines[i + 1] as string];
    const key = name.toLowerCase();
    if (key === 'upgrade' && value.toLowerCase() !== 'h2c')
      throw new OwinError(
        'ERR_OWIN_FETCH',
        `${path} was asked to upgrade to '${value}', which cannot be in memory: connect to a server with owin.attach().`,
      );
    if (!ofConnection.has(key)) kept.push(name, value);
  }
  return kept;
}

/** The body of a Request, as long as it says it is. */
class StreamSource implements BodySource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #left: number | undefined;

  constructor(stream: ReadableStream<Uint8Array>, length: number | undefined) {
    this.#reader = stream.getReader();
    this.#left = length;
  }

  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read();
    if (!done && !(value instanceof Uint8Array))
      throw new TypeError('A stream that is the body of a request must give Uint8Arrays.');
    if (this.#left !== undefined) {
      this.#left -= value?.length ?? 0;
      if (this.#left < 0 || (done && this.#left > 0))
        throw new TypeError('The body of the request is not as long as its Content-Length says.');
    }
    return done ? undefined : value;
  }

  cancel(): void {
    this.#reader.cancel().catch(() => undefined);
  }
}
