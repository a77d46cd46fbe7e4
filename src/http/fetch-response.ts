import { OwinError } from '../errors.ts';
import type { MemoryPair } from './memory-pair.ts';
import type { MemoryHead } from './memory-response.ts';

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
  if (bare) pair.ignoreBody();
  const body = bare ? null : pair.isWhole ? (pair.takeAll() ?? null) : streamOf(pair);
  return new Response(body, { status, statusText: reason, headers });
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
