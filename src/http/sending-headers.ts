import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import { OwinError, readError } from '../errors.ts';
import type { Exchange } from './exchange.ts';
import { askSendingHeaders } from './frame-writer.ts';
import { ToJs, ToJsWords } from './frames.generated.ts';
import { parseHeaders, type ResponseHeaders } from './response-head.ts';
import { readTexts } from './text-fields.ts';

// Node's types lack getRawHeaderNames; HTTP/2's responses do, too.
type RawNames = ServerResponse & { getRawHeaderNames?(): string[] };
type WriteHead = (status: number, reason?: string) => ServerResponse;
type Headers = Record<string, OutgoingHttpHeader | undefined> | OutgoingHttpHeader[];

const WAIT_MS = 2_000;
const latin1 = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Lets the app's OnSendingHeaders callbacks see and change the head of a response behind `next`, when it is about to
 * leave: however that begins, it goes through `res.writeHead`. This is the one place where JavaScript waits for .NET,
 * 2 s at most. Where the callbacks fail or take longer, the error is reported; the answer is a 500 in the first case,
 * as it was in the second.
 */
export function askBeforeHead(exchange: Exchange): void {
  const { res, http2 } = exchange;
  const patched = Object.hasOwn(res, 'writeHead');
  const inner: WriteHead = res.writeHead;
  res.writeHead = function (this: ServerResponse, status: number, ...rest: unknown[]) {
    if (patched) res.writeHead = inner as ServerResponse['writeHead'];
    else delete (res as Partial<ServerResponse>).writeHead;
    const given = typeof rest[0] === 'string' ? rest[0] : undefined;
    // HTTP/2 has none, and Node warns of any look at it.
    const reason = http2 ? undefined : (given ?? (res.statusMessage || undefined));
    const headers = (given === undefined ? (rest[0] ?? rest[1]) : rest[1]) as Headers;
    if (headers) setAll(res, headers);
    const head = status < 200 || res.destroyed ? undefined : ask(exchange, status);
    if (!head) return inner.call(this, status, reason);
    applyHeaders(res, head.headers);
    return inner.call(this, head.status, head.status === status ? reason : undefined);
  } as ServerResponse['writeHead'];
}

interface Head {
  status: number;
  headers: ResponseHeaders;
}

/** The head to send; undefined: as it is. */
function ask(exchange: Exchange, status: number): Head | undefined {
  const lines = headerLines(exchange.res);
  // Node will refuse it.
  if (!lines.every((each) => latin1.test(each))) return undefined;
  const reply = askSendingHeaders(exchange, status, lines.join('\0'), WAIT_MS);
  if (!reply) {
    exchange.app.reportError(new OwinError('ERR_OWIN_SENDING_HEADERS_TIMEOUT', `${WAIT_MS} ms.`));
    return undefined;
  }
  const bytes = Buffer.from(reply.buffer);
  const words = new Int32Array(reply.buffer, 0, reply.length >> 2);
  if (words[1] === ToJs.failed) {
    exchange.app.reportError(
      readError(readTexts(bytes, ToJsWords.failed.payload, bytes.length) ?? []),
    );
    return { status: 500, headers: parseHeaders(lines.join('\0')) };
  }
  const start = ToJsWords.response.payload;
  const end = start + (words[ToJsWords.response.headersLength] as number);
  return {
    status: words[ToJsWords.response.status] as number,
    headers: parseHeaders(bytes.toString('latin1', start, end)),
  };
}

/** Names and values of the headers as they were set; HTTP/2 knows lower-case names only. */
function headerLines(res: ServerResponse): string[] {
  const names = (res as RawNames).getRawHeaderNames?.() ?? res.getHeaderNames();
  return names.flatMap((name) =>
    [res.getHeader(name) ?? []].flat().flatMap((value) => [name, String(value)]),
  );
}

/** What `writeHead` was given, in any of its forms; several values of one name stay several. */
function setAll(res: ServerResponse, headers: Headers): void {
  const all = new Map<string, { name: string; values: OutgoingHttpHeader[] }>();
  for (const [name, value] of pairs(headers)) {
    if (value === undefined) continue;
    const of = all.get(name.toLowerCase());
    if (of) of.values.push(value);
    else all.set(name.toLowerCase(), { name, values: [value] });
  }
  for (const { name, values } of all.values())
    res.setHeader(name, values.length === 1 ? (values[0] as string) : (values.flat() as string[]));
}

function pairs(headers: Headers): [string, OutgoingHttpHeader | undefined][] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (headers.every(Array.isArray)) return headers as unknown as [string, string][];
  const found: [string, OutgoingHttpHeader][] = [];
  for (let i = 0; i + 1 < headers.length; i += 2)
    found.push([String(headers[i]), headers[i + 1] as OutgoingHttpHeader]);
  return found;
}

function applyHeaders(res: ServerResponse, { byName }: ResponseHeaders): void {
  for (const name of res.getHeaderNames()) if (!byName.has(name)) res.removeHeader(name);
  for (const { name, values } of byName.values())
    res.setHeader(name, values.length === 1 ? (values[0] as string) : values);
}
