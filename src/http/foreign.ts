// Requests and responses that are not of Node's classes, as clients of relays make them.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Next } from './exchange.ts';
import { MemoryPair } from './memory-pair.ts';
import type { BodySource } from './memory-request.ts';
import type { MemoryHead } from './memory-response.ts';
import { consumedBody } from './request-body.ts';

type Handle = (req: IncomingMessage, res: ServerResponse, next: Next | undefined) => void;

/** Node's responses know their requests. */
export const isForeign = (res: ServerResponse): boolean => res.req === undefined;

/**
 * Answers by a request and response of Node's own in memory. Of the foreign ones only what every such pair has is used:
 * method, url, headers and the stream; status, setHeader, write and end.
 */
export function handleForeign(
  handle: Handle,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next | undefined,
): void {
  const bodiless = req.method === 'GET' || req.method === 'HEAD';
  const pair = new MemoryPair({
    method: req.method ?? 'GET',
    target: req.url ?? '/',
    rawHeaders: linesOf(req),
    secure: (req.socket as { encrypted?: boolean } | null)?.encrypted === true,
    body: bodiless ? undefined : (consumedBody(req) ?? new StreamSource(req)),
  });
  for (const name of ['originalUrl', 'baseUrl', 'owin', 'user'] as const)
    if (name in req) Object.assign(pair.req, { [name]: (req as never)[name] });
  const gone = () => pair.cutOff(undefined);
  req.once('aborted', gone);
  res.once('close', gone);
  res.once('error', gone);
  void pour(pair, res);
  handle(pair.req, pair.res, next);
}

// Some have the lines, and some only what was made of them.
function linesOf({ rawHeaders = [], headers }: IncomingMessage): string[] {
  if (rawHeaders.length > 0) return rawHeaders;
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((each) => [name, each]),
  );
}

async function pour(pair: MemoryPair, res: ServerResponse): Promise<void> {
  try {
    writeHead(res, await pair.response());
    for (let chunk = await pair.nextBytes(); chunk; chunk = await pair.nextBytes())
      if (res.write(chunk) === false) await once(res, 'drain');
    res.end();
  } catch (error) {
    // The app has cut it off, or the client has left.
    pair.cutOff(error);
    res.destroy?.();
  }
}

function writeHead(res: ServerResponse, { status, reason, headers }: MemoryHead): void {
  res.statusCode = status;
  res.statusMessage = reason;
  const values = new Map<string, string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = headers.slice(i, i + 2) as [string, string];
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  for (const [name, all] of values)
    res.setHeader(name, all.length === 1 ? (all[0] as string) : all);
}

/** A stream as the source of a body: by its events, because not every such stream ends for who iterates over it. */
class StreamSource implements BodySource {
  readonly #stream: Readable;
  #ended = false;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.once('end', () => {
      this.#ended = true;
    });
  }

  read(): Promise<Uint8Array | undefined> {
    const stream = this.#stream;
    if (this.#ended || stream.readableEnded) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const done = () => {
        stream.pause();
        stream.off('data', onData).off('end', onEnd).off('error', onError);
      };
      const onData = (chunk: Buffer | string) => {
        done();
        resolve(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      };
      const onEnd = () => {
        done();
        resolve(undefined);
      };
      const onError = (error: Error) => {
        done();
        reject(error);
      };
      stream.on('data', onData).on('end', onEnd).on('error', onError).resume();
    });
  }

  cancel(): void {
    this.#ended = true;
    this.#stream.resume();
  }
}
