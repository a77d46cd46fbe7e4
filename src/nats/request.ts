import type { IncomingMessage } from 'node:http';
import { http1Lines, isHttp2, streamOf } from '../http/http2.ts';
import type { RelayedRequest } from './messages.ts';

// RFC 9110 §7.6.1
const hopByHop =
  /^(connection|keep-alive|proxy-connection|te|transfer-encoding|upgrade|http2-settings|expect)$/i;

/** Whether a body may come. */
export function hasBody(req: IncomingMessage): boolean {
  const stream = streamOf(req);
  if (stream) return !stream.endAfterHeaders;
  const { headers } = req;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

type MountedRequest = IncomingMessage & { originalUrl?: string };

/** The head of a request as it goes to a host: without what is about the client's connection. */
export function requestHead(req: MountedRequest, whole: boolean): RelayedRequest {
  const raw = isHttp2(req) ? http1Lines(req.rawHeaders) : req.rawHeaders;
  const named = (req.headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const lines: string[] = [];
  const forwarded: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    const key = name.toLowerCase();
    if (key === 'x-forwarded-for') forwarded.push(value);
    else if (!hopByHop.test(key) && !named.includes(key)) lines.push(name, value);
  }
  if (req.socket.remoteAddress) forwarded.push(req.socket.remoteAddress);
  if (forwarded.length > 0) lines.push('X-Forwarded-For', forwarded.join(', '));
  if (req.headers['content-length'] === undefined && !whole)
    lines.push('Transfer-Encoding', 'chunked');
  const url = req.url ?? '/';
  return {
    method: req.method ?? 'GET',
    url,
    originalUrl: req.originalUrl ?? url,
    secure: (req.socket as { encrypted?: boolean }).encrypted === true,
    lines,
    whole,
  };
}
