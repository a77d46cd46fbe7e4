// What the objects of node:http2's compatibility interface do otherwise than those of node:http.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

/** The HTTP/2 stream of a request or response; undefined: it is an HTTP/1 one. */
export function streamOf(message: IncomingMessage | ServerResponse): ServerHttp2Stream | undefined {
  const { stream } = message as { stream?: ServerHttp2Stream };
  return stream && 'endAfterHeaders' in stream ? stream : undefined;
}

/** Whether it came over HTTP/2. An HTTP/1 client may say `HTTP/2.0` in its request line. */
export function isHttp2(req: IncomingMessage): boolean {
  return req.httpVersionMajor >= 2 && streamOf(req) !== undefined;
}

/**
 * Header lines of HTTP/2 as HTTP/1 has them: without pseudo headers, the authority as Host, the crumbs of a cookie
 * joined (RFC 9113 §8.2.3). `:protocol` of an extended CONNECT stays, for .NET to take out.
 */
export function http1Lines(raw: readonly string[]): string[] {
  const lines: string[] = [];
  let cookie = -1;
  let hasAuthority = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (name === ':protocol') {
      lines.push(name, value);
    } else if (name.startsWith(':')) {
      if (name !== ':authority' || value === '') continue;
      hasAuthority = true;
      lines.push('Host', value);
    } else if (name === 'cookie' && cookie !== -1) {
      lines[cookie] += `; ${value}`;
    } else if (name !== 'host' || !hasAuthority) {
      if (name === 'cookie') cookie = lines.length + 1;
      lines.push(name, value);
    }
  }
  return lines;
}

/** Cuts a response off so that the client knows: the connection closes, or the stream is reset with the code. */
export function cutOff(res: ServerResponse, code: number = NGHTTP2_INTERNAL_ERROR): void {
  const stream = streamOf(res);
  // As unsigned: what no frame can carry .NET has refused.
  if (stream) stream.close(code >>> 0);
  else res.destroy();
}

/** Nothing more is read of a request whose response is complete (RFC 9113 §8.1). */
export function stopReading(stream: ServerHttp2Stream): void {
  stream.close(NGHTTP2_NO_ERROR);
}
