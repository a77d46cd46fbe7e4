// Requests of .NET's to the JavaScript app that its handler is mounted in: what `node.HttpMessageHandler` sends.
// The other half is dotnet/Owin.Host/Http/AppRequests.cs.
import type { RequestListener } from 'node:http';
import { OwinError } from '../errors.ts';
import type { App } from '../hosting/app.ts';
import { findApp } from '../hosting/version.ts';
import { inMemoryLines } from './fetch-request.ts';
import { MemoryPair } from './memory-pair.ts';
import type { BodySource } from './memory-request.ts';

/** An express app, or another listener. */
export type FrontApp = RequestListener & { parent?: FrontApp };

interface AppRequest {
  app: App;
  pair: MemoryPair;
  body: PushedBody | undefined;
}

const requests = new Map<number, AppRequest>();

/**
 * What .NET calls: the name of a step, the number of its request, and what the step takes.
 *
 *   send  the app's number, method, target, secure, header lines, and the body: bytes, true where it follows, or null
 *         → status, reason, header lines, and the whole body with trailers, or null where it is to be read
 *   write bytes of the request body → whether more is wanted, once they have been taken
 *   end   that was all of the request body
 *   read  → bytes of the response body, or at its end the trailers
 *   cancel nobody waits for it any more
 */
export async function appRequest(argument: unknown): Promise<unknown> {
  const [step, number, ...given] = argument as [string, number, ...unknown[]];
  if (step === 'send') return send(number, given);
  const request = requests.get(number);
  if (!request) {
    if (step === 'read') throw new OwinError('ERR_OWIN_FETCH', 'The response is over.');
    return false;
  }
  if (step === 'read') return read(number, request);
  if (step === 'write') return request.body?.write(given[0] as Buffer) ?? false;
  if (step === 'end') {
    request.body?.end();
  } else {
    requests.delete(number);
    request.pair.cutOff(new OwinError('ERR_OWIN_FETCH', '.NET has cancelled the request.'));
  }
  return true;
}

/** The handler is closed: nobody waits for these requests any more. */
export function endRequestsOf(app: App): void {
  for (const [number, request] of requests) {
    if (request.app !== app) continue;
    requests.delete(number);
    request.pair.cutOff(new OwinError('ERR_OWIN_APP_CLOSED', 'The handler was closed.'));
  }
}

async function send(number: number, given: unknown[]): Promise<unknown> {
  const [id, method, target, secure, headers, content] = given as SendFields;
  const app = findApp(id);
  const front = outermost(app?.front);
  if (!app || !front)
    throw new OwinError(
      'ERR_OWIN_FETCH',
      `${method} ${target} has no app to go to: no request has come through an express app yet. Mount the handler in one, or give it as owin()'s option app.`,
    );
  const body = content === true ? new PushedBody() : undefined;
  const pair = new MemoryPair({
    method,
    target,
    secure,
    rawHeaders: inMemoryLines(headers, target),
    body: body ?? (content as Buffer | null) ?? undefined,
  });
  requests.set(number, { app, pair, body });
  const forget = () => requests.delete(number);
  const head = pair.response();
  // An app that throws is what is told.
  head.catch(() => {});
  try {
    front(pair.req, pair.res);
    const { status, reason, headers } = await head;
    if (!pair.isWhole) return [status, reason, headers, null, null];
    forget();
    return [status, reason, headers, pair.takeAll() ?? Buffer.alloc(0), pair.trailers];
  } catch (error) {
    forget();
    pair.cutOff(error);
    throw error;
  }
}

type SendFields = [number, string, string, boolean, string[], Buffer | true | null];

async function read(number: number, { pair }: AppRequest): Promise<unknown> {
  let bytes: Buffer | undefined;
  try {
    bytes = await pair.nextBytes();
    return bytes ?? pair.trailers;
  } finally {
    // It is over, or has failed.
    if (!bytes) requests.delete(number);
  }
}

/** What a client would reach: the app that nothing is above. */
function outermost(app: FrontApp | undefined): FrontApp | undefined {
  let at = app;
  while (at?.parent) at = at.parent;
  return at;
}

/** A request body that .NET writes: a chunk waits until it is read, and its writer with it. */
class PushedBody implements BodySource {
  #chunk: Buffer | undefined;
  #ended = false;
  #taken: ((wanted: boolean) => void) | undefined;
  #reader: ((chunk: Buffer | undefined) => void) | undefined;

  read(): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#pass();
    });
  }

  /** Whether more is wanted. */
  write(chunk: Buffer): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#chunk = chunk;
      this.#taken = resolve;
      this.#pass();
    });
  }

  end(): void {
    this.#ended = true;
    this.#pass();
  }

  cancel(): void {
    this.#ended = true;
    const taken = this.#taken;
    this.#chunk = this.#taken = undefined;
    taken?.(false);
  }

  #pass(): void {
    if (!this.#reader || !(this.#chunk || this.#ended)) return;
    const [reader, chunk, taken] = [this.#reader, this.#chunk, this.#taken];
    this.#reader = this.#chunk = this.#taken = undefined;
    reader(chunk);
    taken?.(true);
  }
}
