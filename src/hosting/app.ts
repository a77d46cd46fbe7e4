import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { releaseFunctions } from '../functions/js-functions.ts';
import { checkDictionary, writeValue } from '../functions/value-writer.ts';
import { type Buffering, type BufferingOptions, readBuffering } from '../http/buffering.ts';
import { Deadlines } from '../http/deadlines.ts';
import { Exchange, exchangesOf, type Next } from '../http/exchange.ts';
import { writeAppValues } from '../http/frame-writer.ts';
import { AbortReason } from '../http/frames.generated.ts';
import { declaredSize, type HandlerLimits, type LimitOptions, readLimits } from '../http/limits.ts';
import { closing, refuse } from '../http/refusal.ts';
import { drainRest } from '../http/request-body.ts';
import { command, pairs } from './commands.ts';
import { start } from './runtime.ts';
import { type AppSource, resolveSource } from './source.ts';

/** Options of `owin()`. */
export interface AppOptions {
  /** Full name of the startup type. Default: `<AssemblyName>.Startup`, then a single type named `Startup`. */
  type?: string;
  /** Name of the startup method. Default: `Invoke`. */
  method?: string;
  /**
   * Values for the startup properties and each request's environment, under their names with `node.` in front: what
   * JSON can say, Dates, bytes, and functions, which .NET calls as `Func<object, Task<object>>`.
   */
  properties?: Record<string, unknown>;
  /** Believe X-Forwarded-Proto. Default false; express's own `trust proxy` counts as well. */
  trustProxy?: boolean;
  /** Tell on the standard error stream of builds that take their time. Default true. */
  progress?: boolean;
  /** How much the handler takes on, and for how long. `docs/limits.md` describes each limit. */
  limits?: LimitOptions;
  /** Whether bodies pass as they come, which is the default, or whole. */
  buffering?: BufferingOptions;
}

/** What `handler.ready` says was loaded. */
export interface AppInfo {
  /** Path of the assembly. */
  location: string;
  assembly: string;
  assemblyVersion: string;
  /** Full name of the startup type, and its method. */
  type: string;
  method: string;
  /** What the assembly was built for, `.NETCoreApp,Version=v10.0`. */
  targetFramework: string;
  /** Version of the runtime it runs on. */
  runtime: string;
}

const apps = new Map<number, App>();
let lastId = 0;

/**
 * One .NET application: loading → ready → closing → closed, or failed. Holds the requests that come while it loads.
 */
export class App extends EventEmitter {
  readonly id: number = ++lastId;
  readonly source: AppSource;
  readonly options: Required<Omit<AppOptions, 'limits' | 'buffering' | 'properties'>>;
  readonly limits: HandlerLimits;
  /** Undefined where no limit is a time. */
  readonly deadlines: Deadlines | undefined;
  readonly buffering: Buffering | undefined;
  readonly ready: Promise<AppInfo>;
  #state: 'loading' | 'ready' | 'failed' | 'closing' | 'closed' = 'loading';
  #error: Error | undefined;
  readonly #properties: Buffer | undefined;
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
    this.source = source;
    this.options = {
      type: options.type ?? '',
      method: options.method ?? '',
      trustProxy: options.trustProxy ?? false,
      progress: options.progress ?? true,
    };
    if (options.properties) {
      checkDictionary(options.properties, 'properties');
      this.#properties = writeValue(options.properties, 'properties', this);
    }
    this.limits = readLimits(options.limits);
    this.deadlines = Deadlines.of(this.limits);
    this.buffering = readBuffering(options.buffering);
    apps.set(this.id, this);
    this.ready = this.#load();
    this.ready.then(
      () => this.#loaded(),
      (error: Error) => this.#failed(error),
    );
  }

  /** Takes a request. */
  handle(req: IncomingMessage, res: ServerResponse, next: Next | undefined): void {
    if (this.#state === 'closing' || this.#state === 'closed') {
      if (next) next();
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

  async #load(): Promise<AppInfo> {
    const runtime = await start();
    const assembly = await resolveSource(this.source, runtime, this.options.progress);
    const startup =
      process.env['NODE_ENV'] === 'development' ? ['host.AppMode', 'development'] : [];
    const { type, method } = this.options;
    if (this.#properties) writeAppValues(this.id, this.#properties);
    const info = pairs(
      await command('load', String(this.id), assembly.path, type, method, ...startup),
    );
    return { ...info, runtime: runtime.version } as unknown as AppInfo;
  }

  #loaded(): void {
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
    if (!running) await loaded;
    await this.#drain(drain);
    try {
      if (!this.#error) await command('close', String(this.id));
    } finally {
      this.#state = 'closed';
      releaseFunctions(this);
      apps.delete(this.id);
    }
  }

  async #drain(ms: number): Promise<void> {
    if (this.#inFlight === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const timer = ms === Infinity ? undefined : setTimeout(() => this.#abortAll(), ms);
    await drained;
    clearTimeout(timer);
  }

  #abortAll(): void {
    const collecting = this.buffering?.collecting ?? [];
    for (const exchange of [...this.#waiting, ...collecting, ...exchangesOf(this)]) {
      const { res } = exchange;
      // What `next` led to has the response, and may go on without .NET.
      if (exchange.state === 'continued') {
        exchange.endNext();
        continue;
      }
      exchange.abort(AbortReason.handlerClosing);
      refuse(res, 503, closing);
    }
  }
}

/** The app of that number in this environment. */
export function findApp(id: number): App | undefined {
  return apps.get(id);
}

/** Requests in flight in all apps of this environment. */
export function exchangeCount(): number {
  let count = 0;
  for (const app of apps.values()) count += app.exchangeCount;
  return count;
}
