import { once } from 'node:events';
import http from 'node:http';
import type { Readable } from 'node:stream';

/** A response with all of its body. */
export interface Answer {
  status: number;
  reason: string;
  httpVersion: string;
  headers: http.IncomingHttpHeaders;
  /** Every line as it came. */
  lines: [name: string, value: string][];
  bytes: Buffer;
  /** The body as UTF-8. */
  body: string;
}

export interface RequestOptions extends http.RequestOptions {
  body?: string | Uint8Array | Readable;
}

/** One request, on a connection of its own unless `agent` says otherwise. Rejects when the response is cut off. */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { body, ...rest } = options;
  const req = http.request(url, { agent: false, ...rest });
  if (body && typeof body === 'object' && 'pipe' in body) body.pipe(req);
  else req.end(body);
  const [res] = (await once(req, 'response')) as [http.IncomingMessage];
  return answerOf(res);
}

/** Reads a response to its end. */
export async function answerOf(res: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return {
    status: res.statusCode as number,
    reason: res.statusMessage as string,
    httpVersion: res.httpVersion,
    headers: res.headers,
    lines: pairsOf(res.rawHeaders),
    bytes,
    body: bytes.toString(),
  };
}

/** The values of all lines of a name, in order. */
export function valuesOf({ lines }: Pick<Answer, 'lines'>, name: string): string[] {
  return lines
    .filter(([each]) => each.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
}

function pairsOf(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [
    raw[2 * i] as string,
    raw[2 * i + 1] as string,
  ]);
}
