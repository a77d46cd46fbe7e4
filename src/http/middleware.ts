import type { IncomingMessage, ServerResponse } from 'node:http';
import { OwinError } from '../errors.ts';
import { App } from '../hosting/app.ts';
import type { AppExit, AppInfo } from '../hosting/app-info.ts';
import type { AppOptions } from '../hosting/app-options.ts';
import { checkConfiguration } from '../hosting/configuration.ts';
import { checkArgs, checkKind } from '../hosting/load-fields.ts';
import { checkOptions, describe } from '../hosting/options.ts';
import { type AppSource, absolute, checkSource } from '../hosting/source.ts';
import { checkSwapOptions, type SwapOptions, type SwapOutcome } from '../hosting/swap.ts';
import type { Next } from './exchange.ts';
import { type Fetch, fetchFrom } from './fetch.ts';
import { handleForeign, isForeign } from './foreign.ts';
import { milliseconds } from './limits.ts';
import { type UpgradeListener, upgradeListener } from './upgrade.ts';

/** Events of a handler. */
export interface HandlerEvents {
  /**
   * An error that no response can carry any more: the app failed after the response had started, a cancellation
   * callback threw, or there is no `next` to pass it to. Without a listener it is printed to the standard error stream.
   */
  error: [error: Error];
  /** A new version of the app serves: its assembly or source has changed, or a swap has promoted it. */
  reload: [info: AppInfo];
  /** An ASP.NET Core app has ended by itself; the handler is closed. An error without a listener is an `error`. */
  exit: [exit: AppExit];
}

/** Connect and express middleware that a .NET app answers; also a listener for `http.createServer`. */
export interface Handler extends AsyncDisposable {
  (req: IncomingMessage, res: ServerResponse, next?: Next): void;
  /**
   * What was loaded. Rejects with an OwinError where the app cannot be found or started, or with the app's own
   * exception. Requests wait for it; when it rejects they get the error.
   */
  readonly ready: Promise<AppInfo>;
  /**
   * Takes upgrade requests without express: `server.on('upgrade', handler.upgrade)`. See also `owin.attach()`.
   */
  readonly upgrade: UpgradeListener;
  /**
   * Answers a Request in memory, without a socket: `await handler.fetch('/jazz')`. As the standard fetch does, but a
   * redirect is a response like others, and a path alone is one of `http://localhost`. Bodies stream both ways; an app
   * that fails gives the 500 that a client would get, and the event 'error'. `docs/testing.md`.
   *
   * @throws (as a rejection) the signal's reason; a TypeError for what no fetch takes; OwinError `ERR_OWIN_FETCH`, a
   * TypeError as well, for an upgrade and where no response came
   */
  readonly fetch: Fetch;
  /**
   * Stops taking requests (`next()`, or 503 where there is none or `fallthrough` is false), waits for those in
   * flight, and tells the app.
   *
   * @param options `drain`: milliseconds to wait before what is left is aborted. Default: the limit `drainTimeout`
   * @throws (as a rejection) what the app's disposing callbacks threw, as one AggregateException
   */
  close(options?: { drain?: number }): Promise<void>;
  /**
   * Goes over to another assembly without losing a request: what began on the old one ends there. With a share below 1,
   * or `rollbackOn`, after a trial; requests then go to both until it has ended.
   *
   * @param source as for `owin()`
   * @returns how it ended: promoted, or rolled back because too many requests failed
   * @throws OwinError `ERR_OWIN_OPTION` (as a rejection); what `ready` rejects with, where the new one cannot be loaded:
   * the old one goes on; `ERR_OWIN_APP_CLOSED`
   */
  swap(source: AppSource, options?: SwapOptions): Promise<SwapOutcome>;
  /** Listens to an event, as of Node's EventEmitter. */
  on<E extends keyof HandlerEvents>(event: E, listener: (...args: HandlerEvents[E]) => void): this;
  /** Listens to an event once. */
  once<E extends keyof HandlerEvents>(
    event: E,
    listener: (...args: HandlerEvents[E]) => void,
  ): this;
  /** Listens no more. */
  off<E extends keyof HandlerEvents>(event: E, listener: (...args: HandlerEvents[E]) => void): this;
}

const isObject = (value: unknown) =>
  typeof value === 'object' && value !== null ? undefined : 'an object';

const checkErrors = (value: unknown) =>
  value === 'next' || value === '500' ? undefined : "'next' or '500'";

const isFunction = (value: unknown) => (typeof value === 'function' ? undefined : 'a function');

/**
 * Makes a handler of a .NET app. Loading begins at once and in the background.
 *
 * @param source path of an assembly, of C# source, of a project or of a folder, or C# as text
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument
 */
export function createHandler(source: AppSource, options: AppOptions = {}): Handler {
  checkSource(source);
  checkOptions('owin()', options, {
    kind: checkKind,
    type: 'string',
    method: 'string',
    startup: 'string',
    env: 'string',
    args: checkArgs,
    contentRoot: 'string',
    configuration: checkConfiguration,
    startTimeout: milliseconds,
    fallthrough: 'boolean',
    errors: checkErrors,
    app: isFunction,
    trustProxy: 'boolean',
    progress: 'boolean',
    properties: isObject,
    watch: 'boolean',
    unloadable: 'boolean',
    cpuBound: 'boolean',
    log: isFunction,
    limits: isObject,
    buffering: isObject,
  });
  const app = new App(absolute(source), options);
  const handler = ((req, res, next) => {
    if (isForeign(res)) handleForeign((...args) => app.handle(...args), req, res, next);
    else app.handle(req, res, next);
  }) as Handler;
  const close: Handler['close'] = async ({ drain } = {}) => {
    if (drain !== undefined && !(typeof drain === 'number' && drain >= 0))
      throw new OwinError(
        'ERR_OWIN_OPTION',
        `close({ drain }) takes a number of milliseconds, not ${describe(drain)}.`,
      );
    await app.close(drain);
  };
  const own = {
    ready: app.ready,
    fetch: ((input, init) =>
      fetchFrom((req, res) => app.handle(req, res, undefined), input, init)) as Fetch,
    upgrade: upgradeListener((req, res) => app.handle(req, res, undefined)),
    async swap(source: AppSource, options: SwapOptions = {}) {
      checkSource(source);
      checkSwapOptions(options);
      return app.swap(absolute(source), options);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
    on: chained(app.on),
    once: chained(app.once),
    off: chained(app.off),
  };
  for (const key of Reflect.ownKeys(own) as (keyof typeof own)[])
    Object.defineProperty(handler, key, { value: own[key], enumerable: true });
  return handler;

  function chained(method: typeof app.on): Handler['on'] {
    return (event, listener) => {
      method.call(app, event, listener as () => void);
      return handler;
    };
  }
}
