import type { ServerResponse } from 'node:http';
import { cutOff, isHttp2 } from './http2.ts';

/** Headers of an answer after which the connection closes. */
export const closing = { Connection: 'close' };

/**
 * Answers with a status, an empty body and no headers but these. A response that has begun is destroyed instead, and
 * so is one into whose `end` something was patched that throws.
 */
export function refuse(
  res: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): void {
  if (res.headersSent || res.destroyed) {
    cutOff(res);
    return;
  }
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  // HTTP/2 has no such header.
  if (headers !== closing || !isHttp2(res.req))
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.statusCode = status;
  try {
    res.end();
  } catch {
    cutOff(res);
  }
}
