import type { IncomingMessage } from 'node:http';
import { checkOptions } from '../hosting/options.ts';

/** Limits of one handler. Sizes in bytes, times in milliseconds; what is left out or `undefined` has its default. */
export interface LimitOptions {
  /** Requests that .NET works on at the same time; more wait. Default: no limit. */
  maxConcurrentRequests?: number;
  /** Requests that may wait for their turn; one more gets 503 with Retry-After. Default 1000. */
  queueLimit?: number;
  /** Bytes a request body may have; a larger one gets 413. Default: no limit. */
  maxRequestBodySize?: number;
  /** From the arrival of a request to the end of its response, waiting included; then 504. Default 0: no limit. */
  requestTimeout?: number;
  /** Time in which some of an unfinished request body must come; then 408. Default 0: no limit. */
  receiveTimeout?: number;
  /** Time in which the client must take some of what was written; then its connection closes. Default 0: no limit. */
  sendTimeout?: number;
  /** How long `close()` waits for requests in flight. Default 10,000. */
  drainTimeout?: number;
}

/** The limits a handler has. */
export type HandlerLimits = Readonly<Required<LimitOptions>>;

const defaults: HandlerLimits = {
  maxConcurrentRequests: Number.POSITIVE_INFINITY,
  queueLimit: 1000,
  maxRequestBodySize: Number.POSITIVE_INFINITY,
  requestTimeout: 0,
  receiveTimeout: 0,
  sendTimeout: 0,
  drainTimeout: 10_000,
};

/** What a timer takes: 24 days. */
export const MOST_MS = 2 ** 31 - 1;

const count = (from: number, what: string) => (value: unknown) =>
  value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= from)
    ? undefined
    : what;
/** Whether an option is a time: undefined, or what it takes. */
export const milliseconds = (value: unknown) =>
  typeof value === 'number' && value >= 0 && value <= MOST_MS
    ? undefined
    : `a number of milliseconds from 0 to ${MOST_MS}`;

/**
 * The limits of a handler, defaults filled in.
 *
 * @throws OwinError `ERR_OWIN_OPTION` for an unknown limit or a wrong value
 */
export function readLimits(options: LimitOptions = {}): HandlerLimits {
  checkOptions('owin({ limits })', options, {
    maxConcurrentRequests: count(1, 'a number from 1, or Infinity'),
    queueLimit: count(0, 'a number from 0, or Infinity'),
    maxRequestBodySize: count(0, 'a number of bytes, or Infinity'),
    requestTimeout: milliseconds,
    receiveTimeout: milliseconds,
    sendTimeout: milliseconds,
    drainTimeout: milliseconds,
  });
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/** The size a request says its body has; 0: it does not say. */
export function declaredSize(req: IncomingMessage): number {
  return Number(req.headers['content-length'] ?? 0);
}
