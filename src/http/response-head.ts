import { ServerResponse, STATUS_CODES } from 'node:http';
import { isHttp2 } from './http2.ts';

/** Header lines of a response as they came from .NET. */
export interface ResponseHeaders {
  /** name, value, name, value, … */
  flat: string[];
  /** The same by lower-case name, in the order and casing of their first lines. */
  byName: Map<string, { name: string; values: string[] }>;
  /** The same as an object, where Node may set them so: one line each, none to append. */
  object: Record<string, string> | undefined;
  hasContentLength: boolean;
  /** Several lines of one name. */
  repeats: boolean;
  /** No character above U+007F. */
  ascii: boolean;
  /** There is a Trailer among them. */
  announcesTrailers: boolean;
}

/** What a head is given to. */
export interface HeadTarget {
  res: ServerResponse;
  isHead: boolean;
  http2: boolean;
  /** The headers that were set on the response one by one, whether or not they were sent. */
  merged?: ResponseHeaders | undefined;
}

const { writeHead } = ServerResponse.prototype;
const appended = new Set(['set-cookie', 'vary']);
const http1Only = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
]);

// Apps send few different header blocks, and the same ones again and again.
const CACHED_BLOCKS = 256;
const CACHED_LENGTH = 1024;
const cache = new Map<string, ResponseHeaders>();

const isAscii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);

/** Parses a NUL-joined block of header lines. What it returns is shared: read only. */
export function parseHeaders(block: string): ResponseHeaders {
  const cached = cache.get(block);
  if (cached) return cached;
  const flat = block === '' ? [] : block.split('\0');
  const byName: ResponseHeaders['byName'] = new Map();
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const lines = byName.get(name.toLowerCase());
    if (lines) lines.values.push(flat[i + 1] as string);
    else byName.set(name.toLowerCase(), { name, values: [flat[i + 1] as string] });
  }
  const repeats = byName.size * 2 < flat.length;
  const headers = {
    flat,
    byName,
    object:
      repeats || [...byName.keys()].some((key) => appended.has(key)) ? undefined : single(byName),
    hasContentLength: byName.has('content-length'),
    repeats,
    ascii: isAscii(block),
    announcesTrailers: byName.has('trailer'),
  };
  if (block.length <= CACHED_LENGTH) {
    if (cache.size === CACHED_BLOCKS) cache.clear();
    cache.set(block, headers);
  }
  return headers;
}

function withoutTrailer({ flat }: ResponseHeaders): ResponseHeaders {
  const kept: string[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (name.toLowerCase() !== 'trailer') kept.push(name, flat[i + 1] as string);
  }
  return parseHeaders(kept.join('\0'));
}

function single(byName: ResponseHeaders['byName']): Record<string, string> {
  // Without a prototype: a header may be called __proto__.
  const object: Record<string, string> = Object.create(null);
  for (const { name, values } of byName.values()) object[name] = values[0] as string;
  return object;
}

/**
 * Gives the head to Node. Headers set by JavaScript stay; one of the same name is replaced, Set-Cookie and Vary are
 * appended to. `contentLength` is added where .NET set none. An empty reason is the phrase of the status, also where
 * JavaScript has set one for another.
 *
 * Express gives each response another prototype, so every look at one is slow: most responses get by with two.
 */
export function setHead(
  exchange: HeadTarget,
  status: number,
  reason: string,
  headers: ResponseHeaders,
  contentLength: number | undefined,
): void {
  const { res, isHead, http2 } = exchange;
  if (headers.announcesTrailers && !http2) {
    // Node throws where trailers cannot follow, as the app may not have known.
    const bodiless = isHead || status === 204 || status === 304;
    const framed = contentLength !== undefined || headers.hasContentLength;
    if (bodiless || framed || res.req.httpVersionMinor === 0) headers = withoutTrailer(headers);
  }
  const addLength = contentLength !== undefined && !headers.hasContentLength;
  const set = res.getHeaderNames();
  if (res.writeHead === writeHead && !headers.repeats) {
    const phrase = reason || (STATUS_CODES[status] ?? 'unknown');
    // Once any header was set, even if it was removed again, writeHead keeps the last of same-named ones; its old
    // patches (on-headers) do not know flat arrays.
    if (set.length === 0) {
      const { flat } = headers;
      const whole = addLength ? [...flat, 'Content-Length', String(contentLength)] : flat;
      res.writeHead(status, phrase, whole);
      return;
    }
    // Of a response that goes on, the head stays open: a patched write may still throw, and the answer be a 500.
    exchange.merged = headers;
    const whole = contentLength !== undefined;
    const framing = set.includes('transfer-encoding') || set.includes('content-length');
    if (headers.object && whole && !framing) {
      const { object } = headers;
      const lines = addLength ? { ...object, 'Content-Length': contentLength } : object;
      res.writeHead(status, phrase, lines);
      return;
    }
  }
  exchange.merged = headers;
  mergeHeaders(res, headers);
  // The body is .NET's, and so is what frames it.
  if (addLength) res.setHeader('Content-Length', contentLength);
  if (addLength || headers.hasContentLength) res.removeHeader('Transfer-Encoding');
  else if (contentLength === undefined && !isHead) res.removeHeader('Content-Length');
  res.statusCode = status;
  if (!http2) res.statusMessage = reason;
}

/**
 * Takes back a head that was set and not sent. A line of JavaScript's that was replaced or appended to goes with it,
 * and Node frames what follows by the end of the connection.
 */
export function unsetHead({ res, http2, merged }: HeadTarget): void {
  if (res.headersSent) return;
  // Node keeps a reason that it has refused.
  if (!http2) res.statusMessage = '';
  if (!merged) return;
  for (const name of ['content-length', ...merged.byName.keys()]) res.removeHeader(name);
}

const NOTHING = Buffer.alloc(0);

/** Sends a head that was given to Node and has no body yet. */
export function flushHead(res: ServerResponse, reason: string, headers: ResponseHeaders): void {
  // Node's flushHeaders() writes the head as UTF-8. That of a HEAD, which cannot be written to, leaves with its end.
  if (headers.ascii && isAscii(reason)) res.flushHeaders();
  else res.write(NOTHING);
}

/** Sets the headers on a response whose head is not sent yet. */
export function mergeHeaders(res: ServerResponse, headers: ResponseHeaders): void {
  const http2 = isHttp2(res.req);
  for (const [key, { name, values }] of headers.byName) {
    if (http2 && http1Only.has(key)) continue;
    if (appended.has(key)) {
      const before = res.getHeader(name);
      const lines = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
      res.setHeader(name, [...lines, ...values]);
    } else {
      // A copy: appendHeader() adds to the array it was given.
      res.setHeader(name, values.length === 1 ? (values[0] as string) : [...values]);
    }
  }
}
