import type { RequestListener } from 'node:http';
import type { BufferingOptions } from '../http/buffering.ts';
import type { LimitOptions } from '../http/limits.ts';
import type { Configuration } from './configuration.ts';
import type { AppKind } from './load-fields.ts';
import type { Log } from './log.ts';

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
