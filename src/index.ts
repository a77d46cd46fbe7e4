import { createRequire } from 'node:module';
import { OwinError } from './errors.ts';
import type { createFunction } from './functions/func.ts';
import type { createJob } from './functions/job.ts';
import type { load } from './functions/load.ts';
import type { createWorker } from './functions/worker.ts';
import * as runtime from './hosting/runtime.ts';
import { attach } from './http/attach.ts';
import { createHandler } from './http/middleware.ts';
import type { createSql } from './sql/sql.ts';

export { OwinError, type OwinErrorCode, type ProbedPlace } from './errors.ts';
export type { CallOptions } from './functions/calls.ts';
export type { EdgeFunction, EdgeOptions } from './functions/edge.ts';
export type { DotnetFunction, FunctionInfo, FunctionOptions } from './functions/func.ts';
export type { Job, JobProcessor } from './functions/job.ts';
export type { LoadOptions, Namespace } from './functions/load.ts';
export type { Property, ReadOnlyProperty } from './functions/members.ts';
export type { DotnetWorker, WorkerEvents, WorkerOptions } from './functions/worker.ts';
export type { AppExit, AppInfo } from './hosting/app-info.ts';
export type { AppOptions } from './hosting/app-options.ts';
export type { Configuration, ConfigurationValue } from './hosting/configuration.ts';
export type { Diagnostic } from './hosting/diagnostics.ts';
export type { AppKind } from './hosting/load-fields.ts';
export type { Log, LogEntry, LogLevel } from './hosting/log.ts';
export type { Metric } from './hosting/metrics.ts';
export type { RuntimeInfo, RuntimeOptions, RuntimeStats, StatsOptions } from './hosting/runtime.ts';
export type { AppSource, InlineSource } from './hosting/source.ts';
export type { SwapOptions, SwapOutcome } from './hosting/swap.ts';
export type { AttachOptions } from './http/attach.ts';
export type { BufferingOptions, ResponseStart } from './http/buffering.ts';
export type { Next } from './http/exchange.ts';
export type { Fetch, FetchInput } from './http/fetch.ts';
export type { LimitOptions } from './http/limits.ts';
export type { Handler, HandlerEvents } from './http/middleware.ts';
export type { UpgradeListener } from './http/upgrade.ts';
export type { Query, QueryOptions, Row } from './sql/query.ts';
export type { Sql, SqlInfo, SqlOptions, SqlTag, TransactionOptions } from './sql/sql.ts';

/** The function this package is, and what hangs on it. */
export interface Owin {
  /**
   * Makes connect and express middleware of a .NET app.
   *
   *     app.all('/jazz', owin('OwinHelloWorld.dll'))
   *
   * @param source path of an assembly, of a C# file, of a project or of a folder with either; or `{ source }`, C# as
   * text. Relative paths are resolved from the current directory
   * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument; everything else rejects `handler.ready`
   */
  (...args: Parameters<typeof createHandler>): ReturnType<typeof createHandler>;
  /**
   * Sends upgrade requests of a server, WebSockets among them, through its request listeners and so to .NET.
   *
   *     owin.attach(app.listen(8080))
   */
  readonly attach: typeof attach;
  /**
   * Makes a function of a .NET method, which runs on threads of its own.
   *
   *     const sha = owin.func<[Buffer, number], string>('Work.dll', 'Acme.Hashing.Sha256')
   *     await sha(buffer, 100_000)
   */
  readonly func: typeof createFunction & { job: typeof createJob };
  /**
   * Loads the namespaces and classes of an assembly.
   *
   *     const { Acme } = await owin.load('Work.dll')
   *     using hasher = await Acme.Hashing.Hasher.new()
   */
  readonly load: typeof load;
  /**
   * Makes a worker of a .NET class, which works on messages on threads of its own.
   *
   *     const worker = owin.worker('Primes.dll')
   *     worker.on('message', (result) => …)
   *     worker.postMessage(1_000_000)
   */
  readonly worker: typeof createWorker;
  /**
   * Opens a database by ADO.NET, SQLite's or that of any other provider.
   *
   *     const sql = owin.sql({ connectionString: 'Data Source=shop.db' });
   *     const rows = await sql`SELECT * FROM orders WHERE customer = ${name}`;
   */
  readonly sql: typeof createSql;
  /** The CLR of this process. */
  readonly runtime: typeof publicRuntime;
  /** The class of owin's own errors, for those who `require('owin')`. */
  readonly OwinError: typeof OwinError;
}

// What many processes never use is loaded when it is first called, for the memory it takes.
const require = createRequire(import.meta.url);
const functions = (): typeof import('./functions/index.ts') => require('./functions/index.js');
const sql = (): typeof import('./sql/sql.ts') => require('./sql/sql.js');

const func = (...args: Parameters<typeof createFunction>) => functions().createFunction(...args);
const job: typeof createJob = (...args) => functions().createJob(...args);

const publicRuntime = { start: runtime.start, info: runtime.info, stats: runtime.stats };

/** See {@link Owin}. */
export const owin: Owin = Object.assign(createHandler.bind(undefined) as typeof createHandler, {
  attach,
  func: Object.assign(func as unknown as typeof createFunction, { job }),
  load: ((...args) => functions().load(...args)) satisfies typeof load,
  worker: ((...args) => functions().createWorker(...args)) satisfies typeof createWorker,
  sql: ((...args) => sql().createSql(...args)) satisfies typeof createSql,
  runtime: publicRuntime,
  OwinError,
});

export default owin;
export { owin as 'module.exports' };
