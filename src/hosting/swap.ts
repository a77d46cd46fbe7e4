import type { Exchange } from '../http/exchange.ts';
import type { AppInfo } from './app-info.ts';
import { checkOptions } from './options.ts';
import type { AppVersion } from './version.ts';

/** How `handler.swap()` goes over to the new version. */
export interface SwapOptions {
  /** Share of the requests that go to the new version during its trial, above 0 and up to 1. Default 1. */
  share?: number;
  /**
   * When the trial ends, and how: after `requests` (default 100) the new version is promoted; as soon as more than
   * `errorRate` of so many (default 0.05) have failed, it is rolled back. A failure is an exception, an aborted response
   * or a status of 500 and above. Default: with a `share` of 1 no trial at all.
   */
  rollbackOn?: { errorRate?: number; requests?: number };
}

/** How a swap ended. */
export interface SwapOutcome {
  /** Whether the new version has taken over, or the old one goes on. */
  outcome: 'promoted' | 'rolledBack';
  /** Requests of the trial. */
  requests: number;
  /** Those of them that failed. */
  failures: number;
  /** The new version. */
  info: AppInfo;
}

const DEFAULT_REQUESTS = 100;
const DEFAULT_ERROR_RATE = 0.05;

/** A version that takes a share of an app's requests until it is known whether it works. */
export class Trial {
  readonly version: AppVersion;
  readonly ended: Promise<'promoted' | 'rolledBack' | 'closed'>;
  readonly #share: number;
  readonly #requests: number;
  readonly #errorRate: number;
  #end!: (outcome: 'promoted' | 'rolledBack' | 'closed') => void;
  #due = 0;
  #answered = 0;
  #failures = 0;

  constructor(version: AppVersion, { share = 1, rollbackOn }: SwapOptions) {
    this.version = version;
    this.#share = share;
    this.#requests = rollbackOn?.requests ?? DEFAULT_REQUESTS;
    this.#errorRate = rollbackOn?.errorRate ?? DEFAULT_ERROR_RATE;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (share === 1 && !rollbackOn) this.#end('promoted');
    else version.onEnded = (exchange) => this.#count(exchange);
  }

  /** Whether the next request is one of the share: every tenth for 0.1. */
  takesNext(): boolean {
    this.#due += this.#share;
    if (this.#due < 1) return false;
    this.#due -= 1;
    return true;
  }

  result(outcome: SwapOutcome['outcome'], info: AppInfo): SwapOutcome {
    return { outcome, requests: this.#answered, failures: this.#failures, info };
  }

  /** The version has ended. */
  fail(): void {
    this.#finish('rolledBack');
  }

  /** The app closes. */
  close(): void {
    this.#finish('closed');
  }

  #count({ failed }: Exchange): void {
    this.#answered++;
    if (failed) this.#failures++;
    if (this.#failures > this.#errorRate * this.#requests) this.#finish('rolledBack');
    else if (this.#answered >= this.#requests) this.#finish('promoted');
  }

  #finish(outcome: 'promoted' | 'rolledBack' | 'closed'): void {
    this.version.onEnded = undefined;
    this.#end(outcome);
  }
}

/** @throws OwinError `ERR_OWIN_OPTION` */
export function checkSwapOptions(options: SwapOptions): void {
  const between = (value: unknown, least: number, what: string) =>
    typeof value === 'number' && value >= least && value <= 1 ? undefined : what;
  checkOptions('swap()', options, {
    share: (value) => between(value, Number.MIN_VALUE, 'a number above 0, up to 1'),
    rollbackOn: (value) => (typeof value === 'object' && value !== null ? undefined : 'an object'),
  });
  if (!options.rollbackOn) return;
  checkOptions('swap({ rollbackOn })', options.rollbackOn, {
    errorRate: (value) => between(value, 0, 'a number from 0 to 1'),
    requests: (value) =>
      Number.isSafeInteger(value) && (value as number) > 0 ? undefined : 'a number from 1',
  });
}
