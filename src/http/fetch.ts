import type { RequestListener } from 'node:http';
import { requestOf } from './fetch-request.ts';
import { makeResponse } from './fetch-response.ts';
import { MemoryPair } from './memory-pair.ts';

/** What `handler.fetch` takes, as the standard fetch does. A path is one of `http://localhost`. */
export type FetchInput = string | URL | Request;

/** The standard fetch, as far as it is about a request and its response. */
export type Fetch = (input: FetchInput, init?: RequestInit) => Promise<Response>;

/**
 * A request to a listener in memory, by the rules of the standard fetch, but that a redirect is a response like others.
 *
 * @throws (as a rejection) the signal's reason; a TypeError for a request that no fetch takes; OwinError
 * `ERR_OWIN_FETCH` for an upgrade, for a connection that was closed before the head of a response, and for a head that
 * no Response can have
 */
export async function fetchFrom(
  listener: RequestListener,
  input: FetchInput,
  init?: RequestInit,
): Promise<Response> {
  const { signal, ...request } = requestOf(input, init);
  signal?.throwIfAborted();
  const pair = new MemoryPair(request);
  if (signal) {
    const onAbort = () => pair.cutOff(signal.reason);
    signal.addEventListener('abort', onAbort);
    pair.once('close', () => signal.removeEventListener('abort', onAbort));
  }
  const response = pair.response();
  // A listener that throws is what is told.
  response.catch(() => {});
  try {
    listener(pair.req, pair.res);
    return makeResponse(pair, await response);
  } catch (error) {
    pair.cutOff(error);
    throw error;
  }
}
