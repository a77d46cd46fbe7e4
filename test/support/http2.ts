import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificate } from './certificates.ts';

type Listener = (req: never, res: never) => void;

/** The two ways HTTP/2 is served. */
export const secured: Record<string, boolean> = { TLS: true, 'clear text': false };

/** A server of node:http2, and a client's session with it; both are closed when the test ends. */
export async function serveHttp2(
  listener: Listener,
  secure = true,
): Promise<{ session: http2.ClientHttp2Session; origin: string; port: number; ca: Buffer }> {
  const { key, cert } = certificate('localhost');
  const server = secure
    ? http2.createSecureServer({ key, cert, allowHTTP1: true }, listener as never)
    : http2.createServer(listener as never);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `${secure ? 'https' : 'http'}://localhost:${port}`;
  const session = http2.connect(origin, { ca: cert, lookup: loopback });
  session.on('error', () => {});
  onTestFinished(() => {
    session.destroy();
    for (const each of sessions) each.destroy();
    server.close();
  });
  return { session, origin, port, ca: cert };
}

type Lookup = (host: string, options: unknown, done: (...args: unknown[]) => void) => void;
const loopback = ((_host, _options, done) =>
  done(null, [{ address: '127.0.0.1', family: 4 }])) as Lookup as never;

/** A response of HTTP/2 with all of its body. */
export interface Http2Answer {
  status: number;
  headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader;
  /** Latin-1. */
  text: string;
  /** name, value, name, value, … */
  trailers: string[];
  /** What the stream was reset with; 0: it was not. */
  code: number;
}

/** One request; `body` is sent in parts, then the trailers. */
export async function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: string[] = [],
  trailers?: http2.OutgoingHttpHeaders,
): Promise<Http2Answer> {
  const stream = session.request(headers, {
    endStream: body.length === 0 && !trailers,
    waitForTrailers: trailers !== undefined,
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
  if (body.length > 0 || trailers) {
    for (const part of body) stream.write(part);
    stream.end();
  }
  return answerOf(stream);
}

/** Reads a response to its end, whatever ends it. */
export async function answerOf(stream: http2.ClientHttp2Stream): Promise<Http2Answer> {
  const answer: Http2Answer = { status: 0, headers: {}, text: '', trailers: [], code: 0 };
  stream.setEncoding('latin1');
  stream.on('response', (headers) => {
    answer.headers = headers;
    answer.status = headers[':status'] as number;
  });
  stream.on('data', (text: string) => {
    answer.text += text;
  });
  stream.on('trailers', (...[, , raw]: unknown[]) => {
    answer.trailers = raw as string[];
  });
  stream.on('error', () => {});
  await new Promise((resolve) => stream.on('close', resolve));
  answer.code = stream.rstCode;
  return answer;
}
