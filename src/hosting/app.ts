import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { releaseFunctions } from '../functions/js-functions.ts';
import { checkDictionary, writeValue } from '../functions/value-writer.ts';
import { endRequestsOf, type FrontApp } from '../http/app-requests.ts';
import { type Buffering, readBuffering } from '../http/buffering.ts';
import { Deadlines } from '../http/deadlines.ts';
import { abortExchange, Exchange, type Next } from '../http/exchange.ts';
import { declaredSize, type HandlerLimits, MOST_MS, readLimits } from '../http/limits.ts';
import { closing, refuse } from '../http/refusal.ts';
import { drainRest } from '../http/request-body.ts';
import { exchangesOf } from '../http/slots.ts';
import type { AppExit, AppInfo } from './app-info.ts';
import type { AppOptions } from './app-options.ts';
import type { Log } from './log.ts';
import type { AppSource } from './source.ts';
import type { SwapOptions, SwapOutcome } from './swap.ts';
import type { AppVersion } from './version.ts';
import { Versions } from './versions.ts';

const apps = new Set<App>();

/**
 * One .NET application behind a handler: loading → ready → closing → closed, or failed. Holds the requests that come
 * while it loads. Each assembly it loads is a version; requests begin on the current one, or on that of a trial.
 */
export class App extends EventEmitter {
  readonly options: Required<
    Omit<AppOptions, 'limits' | 'buffering' | 'properties' | 'log' | 'app'>
  >;
  readonly limits: HandlerLimits;
  /** Gets what the app writes; undefined: the streams of the process do. */
  readonly log: Log | undefined;
  /** Undefined where no limit is a time. */
  readonly deadlines: Deadlines | undefined;
  readonly buffering: Buffering | undefined;
  /** It has a place for what TLS connections have agreed on, which OWIN has not. */
  seesHandshakes = false;
  readonly ready: Promise<AppInfo>;
  /** Gets the requests that .NET sends. */
  front: FrontApp | undefined;
  readonly #versions: Versions;
  // Asked for, where an app of another kind would not.
  readonly #fallsThrough: boolean;
  #state: 'loading' | 'ready' | 'failed' | 'closing' | 'closed' = 'loading';
  #error: Error | undefined;
  /** The option `properties` as .NET reads it. */
  readonly properties: Buffer | undefined;
  functions: number[] | undefined;
  // Requests in flight, and those of them that wait: for the app to be loaded, or for their turn.
  #inFlight = 0;
  readonly #waiting = new Set<Exchange>();
  #beginning = false;
  #drained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** @param source with absolute paths */
  constructor(source: AppSource, options: AppOptions) {
    super();
    this.#versions = new Versions(this, source);
    const watch = options.watch ?? false;
    this.options = {
      kind: options.kind ?? 'auto',
      type: options.type ?? '',
      method: options.method ?? '',
      startup: options.startup ?? '',
      env: options.env ?? '',
      args: options.args ?? [],
      contentRoot: options.contentRoot ?? '',
      configuration: options.configuration ?? {},
      startTimeout: options.startTimeout ?? 60_000,
      fallthrough: options.fallthrough ?? true,
      errors: options.errors ?? 'next',
      trustProxy: options.trustProxy ?? false,
      progress: options.progress ?? true,
      watch,
      unloadable: options.unloadable ?? watch,
      cpuBound: options.cpuBound ?? false,
    };
    this.#fallsThrough = options.fallthrough ?? false;
    this.log = options.log;
    this.front = options.app;
    this.limits = readLimits(options.limits);
    this.deadlines = Deadlines.of(this.limits);
    this.buffering = readBuffering(options.buffering);
    if (options.properties) this.properties = this.#write(options.properties);
    apps.add(this);
    this.ready = this.#versions.load();
    this.ready.then(
      (info) => this.#loaded(info),
      (error: Error) => this.#failed(error),
    );
  }

  // Of what cannot cross no function stays known.
  #write(properties: object): Buffer {
    try {
      checkDictionary(properties, 'properties');
      return writeValue(properties, 'properties', this);
    } catch (error) {
      releaseFunctions(this);
      throw error;
    }
  }

  /** What a message calls it. */
  get title(): string {
    const { source } = this.#versions;
    return typeof source === 'string' ? source : 'the source';
  }

  /** The version that a request which begins now goes to. */
  get version(): AppVersion {
    return this.#versions.next;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Takes a request. */
  handle(req: IncomingMessage, res: ServerResponse, next: Next | undefined): void {
    if (this.#state === 'closing' || this.#state === 'closed') {
      if (next && this.options.fallthrough) next();
      else refuse(res, 503, closing);
      return;
    }
    const { maxConcurrentRequests, queueLimit, maxRequestBodySize } = this.limits;
    const overloaded = this.#inFlight >= maxConcurrentRequests + queueLimit;
    if (overloaded || (maxRequestBodySize < Infinity && declaredSize(req) > maxRequestBodySize)) {
      drainRest({ req, res, mayHaveBody: true });
      if (overloaded) refuse(res, 503, { 'Retry-After': '1' });
      else refuse(res, 413);
      return;
    }
    this.front ??= (req as { app?: FrontApp }).app;
    const exchange = new Exchange(this, req, res, next);
    const mayBegin = this.#running < maxConcurrentRequests;
    this.#inFlight++;
    this.deadlines?.add(exchange);
    if (this.#state === 'failed') exchange.refuse(this.#error as Error);
    else if (this.#state === 'ready' && mayBegin) exchange.begin();
    else this.#waiting.add(exchange);
  }

  /** Functions of the handler's own belong to no request. */
  run<T>(call: () => T): T {
    return call();
  }

  /** An exchange needs the app no more. */
  exchangeEnded(exchange: Exchange): void {
    exchange.version?.exchangeEnded(exchange);
    this.#inFlight--;
    this.buffering?.collecting.delete(exchange);
    if (this.#waiting.size > 0 && !this.#waiting.delete(exchange)) this.#beginWaiting();
    if (this.#inFlight === 0) this.#drained?.();
  }

  get exchangeCount(): number {
    return this.#inFlight;
  }

  get #running(): number {
    return this.#inFlight - this.#waiting.size;
  }

  /** An error that belongs to no response that could still carry it. */
  reportError(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else console.error(error);
  }

  /**
   * Stops taking requests, waits for those in flight, then tells the app that it ends (`host.OnAppDisposing`).
   *
   * @param drain milliseconds; what is still in flight then is aborted
   */
  close(drain: number = this.limits.drainTimeout): Promise<void> {
    return (this.#closing ??= this.#close(drain));
  }

  /**
   * Goes over to another assembly: at once, or after a trial with a share of the requests.
   *
   * @param source with absolute paths
   */
  swap(source: AppSource, options: SwapOptions): Promise<SwapOutcome> {
    return this.#versions.swap(source, options);
  }

  /** Another version serves, also where the first one had failed. */
  changed(info: AppInfo): void {
    if (this.#state === 'failed') this.#state = 'ready';
    this.#error = undefined;
    this.emit('reload', info);
  }

  /** An app ends by itself: requests go elsewhere, those in flight end, and `exit` says so. */
  async stopsItself(version: AppVersion): Promise<void> {
    if (!this.#versions.stopsItself(version)) return;
    const exit: AppExit = { code: 0 };
    try {
      await this.close();
      exit.code = version.exitCode;
    } catch (error) {
      exit.error = error as Error;
      if (this.listenerCount('exit') === 0) this.reportError(exit.error);
    }
    this.emit('exit', exit);
  }

  #loaded({ kind }: AppInfo): void {
    this.seesHandshakes = kind === 'aspnetcore';
    if (this.seesHandshakes && !this.#fallsThrough) this.options.fallthrough = false;
    if (this.#state === 'loading') this.#state = 'ready';
    this.#beginWaiting();
  }

  // In the order they came. What cannot begin has ended within the call, and calls this again.
  #beginWaiting(): void {
    if (this.#beginning) return;
    this.#beginning = true;
    try {
      for (const exchange of this.#waiting) {
        if (this.#running >= this.limits.maxConcurrentRequests) break;
        this.#waiting.delete(exchange);
        exchange.begin();
      }
    } finally {
      this.#beginning = false;
    }
  }

  #failed(error: Error): void {
    this.#error = error;
    if (this.#state === 'loading') this.#state = 'failed';
    for (const exchange of this.#waiting) exchange.refuse(error);
  }

  async #close(drain: number): Promise<void> {
    const loaded = this.ready.catch(() => undefined);
    const running = this.#state === 'ready';
    this.#state = 'closing';
    const until = performance.now() + drain;
    const unchanging = this.#versions.close();
    if (!running) await loaded;
    await unchanging;
    this.#versions.stop();
    await this.#drain(drain);
    try {
      await this.#versions.retire(!this.#error, Math.max(until - performance.now(), 0));
    } finally {
      this.#state = 'closed';
      releaseFunctions(this);
      endRequestsOf(this);
      apps.delete(this);
    }
  }

  async #drain(ms: number): Promise<void> {
    if (this.#inFlight === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const collecting = this.buffering?.collecting ?? [];
    const abortAll = () =>
      [...this.#waiting, ...collecting, ...exchangesOf(this)].forEach(abortExchange);
    const timer = ms > MOST_MS ? undefined : setTimeout(abortAll, ms);
    await drained;
    clearTimeout(timer);
  }
}

/** Requests in flight in all apps of this environment. */
export function exchangeCount(): number {
  let count = 0;
  for (const app of apps) count += app.exchangeCount;
  return count;
}
