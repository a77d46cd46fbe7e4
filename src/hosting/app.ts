import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Exchange, exchangesOf, type Next } from '../http/exchange.ts';
import { command, pairs } from './commands.ts';
import { start } from './runtime.ts';
import { type AppSource, resolveSource } from './source.ts';

/** Options of `owin()`. */
export interface AppOptions {
  /** Full name of the startup type. Default: `<AssemblyName>.Startup`, then a single type named `Startup`. */
  type?: string;
  /** Name of the startup method. Default: `Invoke`. */
  method?: string;
  /** Believe X-Forwarded-Proto. Default false; express's own `trust proxy` counts as well. */
  trustProxy?: boolean;
  /** Tell on the standard error stream of builds that take their time. Default true. */
  progress?: boolean;
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

const DRAIN_MS = 10_000;
const apps = new Map<number, App>();
let lastId = 0;

/**
 * One .NET application: loading → ready → closing → closed, or failed. Holds the requests that come while it loads.
 */
export class App extends EventEmitter {
  readonly id: number = ++lastId;
  readonly source: AppSource;
  readonly options: Required<AppOptions>;
  readonly ready: Promise<AppInfo>;
  #state: 'loading' | 'ready' | 'failed' | 'closing' | 'closed' = 'loading';
  #error: Error | undefined;
  // Requests in flight, and those of them that wait for the app to be loaded.
  #inFlight = 0;
  #waiting: Exchange[] = [];
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
      else refuse(res);
      return;
    }
    const exchange = new Exchange(this, req, res, next);
    this.#inFlight++;
    if (this.#state === 'ready') exchange.begin();
    else if (this.#state === 'loading') this.#waiting.push(exchange);
    else exchange.refuse(this.#error as Error);
  }

  /** An exchange needs the app no more. */
  exchangeEnded(): void {
    if (--this.#inFlight === 0) this.#drained?.();
  }

  get exchangeCount(): number {
    return this.#inFlight;
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
  close(drain: number = DRAIN_MS): Promise<void> {
    return (this.#closing ??= this.#close(drain));
  }

  async #load(): Promise<AppInfo> {
    const runtime = await start();
    const assembly = await resolveSource(this.source, runtime, this.options.progress);
    const startup =
      process.env['NODE_ENV'] === 'development' ? ['host.AppMode', 'development'] : [];
    const { type, method } = this.options;
    const info = pairs(
      await command('load', String(this.id), assembly.path, type, method, ...startup),
    );
    return { ...info, runtime: runtime.version } as unknown as AppInfo;
  }

  #loaded(): void {
    if (this.#state === 'loading') this.#state = 'ready';
    for (const exchange of this.#waiting.splice(0)) exchange.begin();
  }

  #failed(error: Error): void {
    this.#error = error;
    if (this.#state === 'loading') this.#state = 'failed';
    for (const exchange of this.#waiting.splice(0)) exchange.refuse(error);
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
      apps.delete(this.id);
    }
  }

  async #drain(ms: number): Promise<void> {
    if (this.#inFlight === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const timer = setTimeout(() => this.#abortAll(), ms);
    await drained;
    clearTimeout(timer);
  }

  #abortAll(): void {
    for (const exchange of [...this.#waiting.splice(0), ...exchangesOf(this)]) {
      const { res } = exchange;
      // What `next` led to has the response, and may go on without .NET.
      if (exchange.state === 'continued') {
        exchange.endNext();
        continue;
      }
      exchange.abort();
      if (res.headersSent) res.destroy();
      else refuse(res);
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

function refuse(res: ServerResponse): void {
  if (res.headersSent) return;
  res.statusCode = 503;
  res.setHeader('Connection', 'close');
  res.end();
}
