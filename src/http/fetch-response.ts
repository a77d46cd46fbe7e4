import { OwinError } from '../errors.ts';
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
  const chunks: Buffer[] = [];
  for (let chunk = pair.takeChunk(); chunk; chunk = pair.takeChunk()) chunks.push(chunk);
  return chunks.length > 1 ? Buffer.concat(chunks) : (chunks[0] ?? null);
}

/** The body as it comes. It is fetched when somebody reads, so that one nobody reads holds back its writer. */
function streamOf(pair: MemoryPair): ReadableStream<Uint8Array> {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await pair.nextBytes();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: (reason) => pair.cutOff(reason),
    },
    { highWaterMark: 0 },
  );
  unread.register(body, pair, pair);
  pair.once('close', () => unread.unregister(pair));
  return body;
}
