import { EventEmitter } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { releaseFunctions } from '../functions/js-functions.ts';
import { checkDictionary, writeValue } from '../functions/value-writer.ts';
import { endRequestsOf, type FrontApp } from '../http/app-requests.ts';
import { type Buffering, type BufferingOptions, readBuffering } from '../http/buffering.ts';
import { Deadlines } from '../http/deadlines.ts';
import { abortExchange, Exchange, type Next } from '../http/exchange.ts';
import {
  declaredSize,
  type HandlerLimits,
  type LimitOptions,
  MOST_MS,
  readLimits,
} from '../http/limits.ts';
import { closing, refuse } from '../http/refusal.ts';
import { drainRest } from '../http/request-body.ts';
import { exchangesOf } from '../http/slots.ts';
import type { Configuration } from './configuration.ts';
import type { AppKind } from './load-fields.ts';
import type { Log } from './log.ts';
import type { AppSource } from './source.ts';
import type { SwapOptions, SwapOutcome } from './swap.ts';
import type { AppVersion } from './version.ts';
import { Versions } from './versions.ts';

/** Options of `owin()`. */
export interface AppOptions {
  /**
   * What kind of app it is: an OWIN pipeline (`owin`), one whose startup method takes an IAppBuilder (`katana`), an
   * ASP.NET Core app with an entry point of its own (`aspnetcore`), or an `HttpMessageHandler` (`messageHandler`).
   * Default `auto`: an OWIN startup where there is one, else an ASP.NET Core app.
   */
  kind?: AppKind;
  /** Full name of the startup type. Default: found, as `docs/startup.md` says. */
  type?: string;
  /** Name of the startup method. Default: `Configuration`, then `Invoke`. */
  method?: string;
  /**
   * Values for the startup properties and each request's environment, under their names with `node.` in front: what
   * JSON can say, Dates, bytes, and functions, which .NET calls as `Func<object, Task<object>>`.
   */
  properties?: Record<string, unknown>;
  /**
   * The value of `owin:AppStartup`: the friendly name of an OwinStartupAttribute, or `Type[.Method][, Assembly]`.
   * Default: what appsettings.json, `<name>.dll.config` or app.config beside the assembly say.
   */
  startup?: string;
  /**
   * Name of the environment of an ASP.NET Core app. Default: ASPNETCORE_ENVIRONMENT, then DOTNET_ENVIRONMENT, then
   * `Production`. For other kinds, `Development` is the `host.AppMode` `development`, as NODE_ENV has it by default.
   */
  env?: string;
  /** Arguments of the entry point of an ASP.NET Core app. Default: none. */
  args?: readonly string[];
  /** Folder of an ASP.NET Core app's content. Default: found, as `docs/aspnetcore.md` says. */
  contentRoot?: string;
  /** Values above the configuration that an ASP.NET Core app has of its own: nested objects, or keys as `A:B`. */
  configuration?: Configuration;
  /** Milliseconds in which the app's startup code must have returned; 0: no limit. Default 60,000. */
  startTimeout?: number;
  /**
   * What the app's pipeline does not answer goes on to express's next handler. `false`: the end of the pipeline is a
   * 404, `node.Next` is absent, and a closed handler answers 503. Default true, for ASP.NET Core apps false.
   */
  fallthrough?: boolean;
  /**
   * Where an error of the app goes that comes before its response: `next`, to express's error handlers, where there is
   * a `next`; `500`, to an empty 500 and the event `error`, always. Default `next`.
   */
  errors?: 'next' | '500';
  /**
   * Gets the requests that .NET sends by `node.HttpMessageHandler`: an express app, or another request listener.
   * Default: the outermost express app that the handler's first request comes through.
   */
  app?: RequestListener;
  /** Believe X-Forwarded-Proto. Default false; express's own `trust proxy` counts as well. */
  trustProxy?: boolean;
  /** Tell on the standard error stream of builds that take their time. Default true. */
  progress?: boolean;
  /** Load the app anew when its assembly, source or project changes. Default false. `docs/hot-reload.md`. */
  watch?: boolean;
  /** Let .NET unload the app when it is closed; its precompiled code is not used then. Default: as `watch`. */
  unloadable?: boolean;
  /**
   * Run requests on the threads of functions instead of the thread pool: they keep a processor busy for long, and
   * other requests are to be answered meanwhile. Default false. `docs/functions.md`.
   */
  cpuBound?: boolean;
  /** Gets what the app writes to the console and logs. Default: the streams of the process. `docs/logs.md`. */
  log?: Log;
  /** How much the handler takes on, and for how long. `docs/limits.md` describes each limit. */
  limits?: LimitOptions;
  /** Whether bodies pass as they come, which is the default, or whole. */
  buffering?: BufferingOptions;
}

/** How an app has ended that ended by itself. */
export interface AppExit {
  /** What its entry point returned; 0 where that threw. */
  code: number;
  /** What its entry point, or what it did to end, threw. */
  error?: Error;
}

/** What `handler.ready` says was loaded. */
export interface AppInfo {
  /** What kind of app it is. */
  kind: Exclude<AppKind, 'auto'>;
  /** Path of the assembly. */
  location: string;
  /** Its name. */
  assembly: string;
  /** Its version: `1.0.0.0`. */
  assemblyVersion: string;
  /** Full name of the startup type. */
  type: string;
  /** The method of it that begins. */
  method: string;
  /** What named them: an option, `'owin:AppStartup' in …/appsettings.json`, OwinStartupAttribute, or their names. */
  chosenBy: string;
  /** What the assembly was built for, `.NETCoreApp,Version=v10.0`. */
  targetFramework: string;
  /** Version of the runtime it runs on. */
  runtime: string;
}

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
