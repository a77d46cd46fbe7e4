import { OwinError } from '../errors.ts';
import { abortExchange } from '../http/exchange.ts';
import type { App } from './app.ts';
import type { AppInfo } from './app-info.ts';
import { restoreSignals, start } from './runtime.ts';
import { type AppSource, inputsOf, resolveSource } from './source.ts';
import { type SwapOptions, type SwapOutcome, Trial } from './swap.ts';
import { AppVersion } from './version.ts';
import type { Watcher } from './watch.ts';

/**
 * The versions of one app: the current one, one on trial, and those that requests may still be on. Changes from one to
 * the next follow one another.
 */
export class Versions {
  source: AppSource;
  readonly #app: App;
  #current: AppVersion;
  #trial: Trial | undefined;
  readonly #retiring = new Set<Promise<void>>();
  #changes: Promise<unknown> = Promise.resolve();
  #watcher: Watcher | undefined;
  #closed = false;

  constructor(app: App, source: AppSource) {
    this.#app = app;
    this.source = source;
    this.#current = new AppVersion(app);
  }

  /** The version that a request which begins now goes to. */
  get next(): AppVersion {
    return this.#trial?.takesNext() ? this.#trial.version : this.#current;
  }

  /** Loads the first one. Its inputs are watched from before they are read, also where it fails. */
  async load(): Promise<AppInfo> {
    // Without a watcher .NET begins to start within the call of `owin()`.
    if (this.#app.options.watch) {
      this.#watcher = await this.#watch(this.source);
      if (this.#closed) this.#watcher?.close();
    }
    return this.#load(this.#current, this.source);
  }

  /** Goes over to another assembly: at once, or after a trial with a share of the requests. */
  swap(source: AppSource, options: SwapOptions): Promise<SwapOutcome> {
    return this.#change(async () => {
      const before = this.#watcher;
      const after = await this.#watch(source);
      try {
        const { version, info } = await this.#loadNext(source);
        const trial = (this.#trial = new Trial(version, options));
        const outcome = await trial.ended;
        this.#trial = undefined;
        if (outcome !== 'promoted') {
          this.#retire(version);
          if (outcome === 'closed') throw closedMeanwhile();
        } else {
          this.source = source;
          this.#watcher = after;
          this.#promote(version, info);
        }
        return trial.result(outcome, info);
      } finally {
        (this.#watcher === after ? before : after)?.close();
      }
    });
  }

  /** No change begins any more; the one under way ends. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#trial?.close();
    this.#watcher?.close();
    await this.#changes;
  }

  /** The current one hears that no more requests come. */
  stop(): void {
    this.#current.stop();
  }

  /** Whether requests go to it; a trial of one that ends by itself is over. */
  stopsItself(version: AppVersion): boolean {
    if (this.#trial?.version === version) this.#trial.fail();
    return version === this.#current;
  }

  /** Closes them in .NET; `isLoaded`: the current one, too. */
  async retire(isLoaded: boolean, drain: number): Promise<void> {
    if (isLoaded) await this.#current.retire(drain, abortExchange);
    await Promise.all(this.#retiring);
  }

  // The source has changed: what serves goes on until the new version can.
  #reload(): void {
    this.#change(async () => {
      const { version, info } = await this.#loadNext(this.source);
      this.#promote(version, info);
    }).catch((error) => {
      if (!this.#closed) this.#app.reportError(error);
    });
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changes.then(async () => {
      await this.#app.ready.catch(() => undefined);
      if (this.#closed) throw closedMeanwhile();
      return change();
    });
    this.#changes = changed.catch(() => undefined);
    return changed;
  }

  async #loadNext(source: AppSource): Promise<{ version: AppVersion; info: AppInfo }> {
    const version = new AppVersion(this.#app);
    const info = await this.#load(version, source);
    if (this.#closed) {
      this.#retire(version);
      throw closedMeanwhile();
    }
    return { version, info };
  }

  async #load(version: AppVersion, source: AppSource): Promise<AppInfo> {
    const runtime = await start();
    const path = await resolveSource(source, runtime, this.#app.options.progress);
    const info = await version.load(path);
    if (info.kind === 'aspnetcore') restoreSignals();
    return { ...info, runtime: runtime.version as string };
  }

  async #watch(source: AppSource): Promise<Watcher | undefined> {
    if (!this.#app.options.watch) return undefined;
    const { watchInputs } = await import('./watch.ts');
    return watchInputs(
      inputsOf(source),
      () => this.#reload(),
      (error) => this.#app.reportError(error),
    );
  }

  #promote(version: AppVersion, info: AppInfo): void {
    const before = this.#current;
    this.#current = version;
    if (this.#app.isReady) this.#retire(before);
    this.#app.changed(info);
  }

  #retire(version: AppVersion): void {
    const retired = version
      .retire(this.#app.limits.drainTimeout, abortExchange)
      .catch((error) => this.#app.reportError(error))
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }
}

const closedMeanwhile = (): OwinError =>
  new OwinError('ERR_OWIN_APP_CLOSED', 'The handler was closed before the change was made.');
