import { OwinError } from '../errors.ts';
import { keepAlive } from '../hosting/bridge.ts';
import type { MemoryHead, MemoryPair } from './memory-pair.ts';

const bodiless = new Set([204, 205, 304]);

// A body that nobody can read any more keeps its exchange waiting: it is cut off.
const unread = new FinalizationRegistry<MemoryPair>((pair) => pair.cutOff(undefined));

/**
 * The response as a Response.
 *
 * @throws OwinError `ERR_OWIN_FETCH` for a status that a Response cannot have
 */
export function makeResponse(
  pair: MemoryPair,
  { status, reason, headers: lines }: MemoryHead,
): Response {
  if (status < 200 || status > 599)
    throw new OwinError('ERR_OWIN_FETCH', `A Response cannot have the status ${status}.`);
  const headers = new Headers();
  for (let i = 0; i < lines.length; i += 2)
    headers.append(lines[i] as string, lines[i + 1] as string);
  const bare = pair.req.method === 'HEAD' || bodiless.has(status);
  const whole = bare || pair.isWhole;
  const body = whole ? allBytes(pair) : streamOf(pair);
  return new Response(bare ? null : body, { status, statusText: reason, headers });
}

function allBytes(pair: MemoryPair): Buffer | null {
  const first = pair.takeChunk();
  if (!first || !pair.hasBytes) return first ?? null;
  const chunks = [first];
  for (let chunk = pair.takeChunk(); chunk; chunk = pair.takeChunk()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The body as it comes. It is fetched when somebody reads, so that one nobody reads holds back its writer. */
function streamOf(pair: MemoryPair): ReadableStream<Uint8Array> {
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) =>
        new Promise((resolve) => {
          const look = () => {
            if (!give(pair, controller)) return;
            // Between reads nothing here may keep the stream alive.
            pair.changed = nothing;
            keepAlive(-1);
            resolve();
          };
          keepAlive(1);
          pair.changed = look;
          look();
        }),
      cancel: (reason) => pair.cutOff(reason),
    },
    { highWaterMark: 0 },
  );
  unread.register(body, pair, pair);
  pair.once('close', () => unread.unregister(pair));
  return body;
}

// Whether there was something to tell the reader.
function give(pair: MemoryPair, to: ReadableStreamDefaultController<Uint8Array>): boolean {
  const chunk = pair.failure === undefined ? pair.takeChunk() : undefined;
  if (chunk) to.enqueue(chunk);
  else if (pair.ended) to.close();
  else if (pair.destroyed) to.error(pair.failure ?? new OwinError('ERR_OWIN_FETCH', cutOff(pair)));
  else return false;
  return true;
}

function cutOff({ req }: MemoryPair): string {
  return `The response to ${req.method} ${req.url} was cut off in its body.`;
}

function nothing(): void {}
