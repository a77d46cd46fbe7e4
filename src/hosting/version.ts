import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import type { Exchange } from '../http/exchange.ts';
import { writeAppValues, writeLogTaken } from '../http/frame-writer.ts';
import { MOST_MS } from '../http/limits.ts';
import { exchangesOf } from '../http/slots.ts';
import type { App } from './app.ts';
import type { AppInfo } from './app-info.ts';
import { command, pairs } from './commands.ts';
import { loadFields } from './load-fields.ts';
import { deliver } from './log.ts';

/** What an app has at least to end after its requests have. */
const LEAST_END_MS = 2_000;

const UNLOAD_MS = [500, 1_000, 3_000];

const versions = new Map<number, AppVersion>();
let lastId = 0;
let lastAsked: Promise<unknown> = Promise.resolve();

/**
 * One assembly that an app has loaded, known to .NET by its number: loaded → retired. An app has one, and a second one
 * while it changes from one to the next.
 */
export class AppVersion {
  readonly id: number = ++lastId;
  readonly app: App;
  /** Called after each request that has ended. */
  onEnded: ((exchange: Exchange) => void) | undefined;
  /** What the app wrote last before its start failed. */
  startOutput: string | undefined;
  /** What it is, once it is loaded. */
  info: AppInfo | undefined;
  /** Its exit code, once it has ended. */
  exitCode = 0;
  #inFlight = 0;
  #drained: (() => void) | undefined;
  #retired: Promise<void> | undefined;

  constructor(app: App) {
    this.app = app;
  }

  /**
   * Loads an assembly.
   *
   * @throws (as a rejection) what .NET reports: an OwinError, or the app's own exception
   */
  async load(path: string): Promise<AppInfo> {
    const { properties } = this.app;
    versions.set(this.id, this);
    if (properties) writeAppValues(this.id, properties);
    try {
      const fields = loadFields(this.id, path, this.app);
      this.info = pairs(await command('load', ...fields)) as unknown as AppInfo;
      return this.info;
    } catch (error) {
      versions.delete(this.id);
      if (this.startOutput) Object.assign(error as Error, { output: this.startOutput });
      throw error;
    }
  }

  exchangeBegan(): void {
    this.#inFlight++;
  }

  exchangeEnded(exchange: Exchange): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#drained?.();
    this.onEnded?.(exchange);
  }

  /** No request begins any more: tells the .NET app, which may have requests that last until it hears of that. */
  stop(): void {
    if (this.info?.kind !== 'aspnetcore' || this.#inFlight === 0) return;
    command('stop', String(this.id)).catch((error) => this.app.reportError(error));
  }

  /**
   * Waits for the requests in flight, then tells the .NET app that it ends, and waits for that. No request may begin
   * any more.
   *
   * @param drain milliseconds; what is still in flight then is given to `abort`
   * @throws (as a rejection) what the app's disposing callbacks threw
   */
  retire(drain: number, abort: (exchange: Exchange) => void): Promise<void> {
    return (this.#retired ??= this.#retire(drain, abort));
  }

  async #retire(drain: number, abort: (exchange: Exchange) => void): Promise<void> {
    const until = performance.now() + drain;
    this.stop();
    if (this.#inFlight > 0) await this.#drain(drain, abort);
    const left = Math.max(until - performance.now(), LEAST_END_MS);
    try {
      await this.#close(Math.min(Math.ceil(left), MOST_MS));
    } finally {
      versions.delete(this.id);
    }
    if (this.app.options.unloadable) this.#warnIfAlive().catch(() => {});
  }

  async #close(ms: number): Promise<void> {
    const { code, isRunning } = pairs(await command('close', String(this.id), String(ms)));
    this.exitCode = Number(code ?? 0);
    if (isRunning)
      process.emitWarning(
        `${this.app.title} goes on though its handler is closed: its entry point has not returned within ${ms} ms.`,
        { type: 'OwinWarning', code: 'OWIN_APP_RUNNING' },
      );
  }

  // .NET unloads in its own time.
  async #warnIfAlive(): Promise<void> {
    for (const ms of UNLOAD_MS) {
      await setTimeout(ms, undefined, { ref: false });
      if (await this.#isGone()) return;
    }
    process.emitWarning(
      `A version of ${this.app.title} stays in memory after it was closed: something still refers to it, often a thread, a timer or a static event of .NET's.`,
      { type: 'OwinWarning', code: 'OWIN_APP_ALIVE' },
    );
  }

  // One after the other: it may take a collection each.
  #isGone(): Promise<boolean> {
    const asked = lastAsked.then(() => command('unloaded', String(this.id)));
    lastAsked = asked.catch(() => undefined);
    return asked.then(([gone]) => gone === 'true');
  }

  async #drain(ms: number, abort: (exchange: Exchange) => void): Promise<void> {
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const abortAll = () => exchangesOf(this).forEach(abort);
    const timer = ms > MOST_MS ? undefined : startTimer(abortAll, ms);
    await drained;
    clearTimeout(timer);
  }
}

/** An app has logged something. */
export function receiveLog(id: number, fields: string[]): void {
  writeLogTaken(id);
  const log = findApp(id)?.log;
  if (log) deliver(log, fields);
}

/** An app has begun to end by itself. */
export function receiveAppStopping(id: number): void {
  const version = versions.get(id);
  version?.app.stopsItself(version);
}

/** An app that will not start has written something before. */
export function receiveStartOutput(id: number, [text]: string[]): void {
  const version = versions.get(id);
  if (version) version.startOutput = text;
}

/** The app that has the version of that number, in this environment. */
export function findApp(id: number): App | undefined {
  return versions.get(id)?.app;
}
