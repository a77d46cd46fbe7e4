import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { OwinError, type OwinErrorCode, type ProbedPlace } from '../errors.ts';
import { functionCount } from '../functions/js-functions.ts';
import { heldCount } from '../functions/net-functions.ts';
import { thrownCount } from '../functions/thrown-errors.ts';
import { openEnvironment } from '../http/frame-reader.ts';
import { slotCounts } from '../http/slots.ts';
import { socketCount } from '../http/upgraded-socket.ts';
import { exchangeCount } from './app.ts';
import {
  awaitStart,
  bridgeDirectory,
  keepChildSignals,
  restoreListeners,
  type StartResult,
  start as startHost,
  startResult,
} from './bridge.ts';
import { command, pairs } from './commands.ts';
import { type Metric, readMetrics } from './metrics.ts';
import { checkOptions } from './options.ts';

/** How the runtime is to be started. All of it is for the whole process. */
export interface RuntimeOptions {
  /** The folder that holds `host/fxr`; looked for there and nowhere else. Default: searched for. */
  dotnetRoot?: string;
  /** The garbage collector. */
  gc?: {
    /** Collect in the background. Default: .NET's, true. */
    concurrent?: boolean;
    /** Server collector: more memory for more throughput. Default false. */
    server?: boolean;
    /**
     * Bytes that may be allocated between two collections of the youngest generation. Default 8 MB; with `server`, and
     * for 0, what .NET chooses by the size of the cache.
     */
    gen0MaxBudget?: number;
    /**
     * Bytes from which an array is collected with the oldest generation only, and its memory given back to the system in
     * between. Default 2 MB; 0: what .NET chooses, 85,000.
     */
    lohThreshold?: number;
    /** Bytes the managed heap may have. Default: no limit. */
    heapHardLimit?: number;
  };
  /** Run without ICU: smaller, but cultures behave as the invariant one. Default false. */
  invariantGlobalization?: boolean;
  /** The threads of functions, for the whole process. */
  functions?: {
    /** How many there are at most. Default: as many as the machine has processors. */
    threads?: number;
    /** How many calls may wait; one more is `ERR_OWIN_FUNCTION_QUEUE_FULL`. Default 100,000. */
    queueLimit?: number;
  };
  /**
   * Load apps only when a managed debugger is attached; the id of the process is printed to stderr, once. Default
   * false. Without effect where somebody else has started .NET.
   */
  waitForDebugger?: boolean;
}

/** What runs, and why it was chosen. */
export interface RuntimeInfo {
  /** Where the runtime stands; `idle`: nothing has wanted it. */
  state: 'idle' | 'starting' | 'running' | 'failed';
  /** Version of Microsoft.NETCore.App. */
  version?: string;
  /** The .NET root that was chosen. */
  path?: string;
  /** What named that root: `option dotnetRoot`, `DOTNET_ROOT`, `PATH`, … */
  reason?: string;
  /** Shared frameworks by name, with their versions. */
  frameworks?: Record<string, string>;
  /** Every place where .NET was looked for, in order. */
  probed?: ProbedPlace[];
  /** Who started the runtime: this package, or somebody else in the process. */
  owner?: 'owin' | 'joined';
  /** The assembly of this package that .NET runs. */
  bridge?: string;
}

/** Figures of this JavaScript environment and of the CLR it shares. */
export interface RuntimeStats {
  /** Requests that are not answered yet. */
  exchanges: number;
  /** Slots of the crossing: how many there are and how many are in use. */
  slots: { slots: number; used: number };
  /** Sockets that an upgrade has made .NET's, WebSockets among them, as long as they are open. */
  sockets: number;
  /** Functions of JavaScript's that .NET may call. */
  handles: number;
  /** The same requests as .NET sees them. */
  dotnetExchanges: number;
  /** Calls of functions in the process: those that wait for a thread, that run, and that have ended. */
  functions: { queued: number; running: number; done: number };
  /** Threads of the CLR's pool, and work that waits for one. */
  threads: { pool: number; queued: number };
  /** What the meters of .NET have measured; only with the option `metrics`. */
  metrics?: Metric[];
  /** Bytes in use on the managed heap, and bytes allocated since the start. */
  heap: { bytes: number; allocatedBytes: number };
}

const GEN0_MAX_BUDGET = 8 * 1024 * 1024;
const LOH_THRESHOLD = 2 * 1024 * 1024;

let state: RuntimeInfo['state'] = 'idle';
let startup: Promise<RuntimeInfo> | undefined;

/**
 * Starts .NET, once for the process. Without it the first `owin()` starts it with defaults.
 *
 * @returns what runs
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong option, `ERR_OWIN_RUNTIME_STARTED` when options come after the start
 * @throws (as a rejection) OwinError `ERR_OWIN_RUNTIME_NOT_FOUND`, `ERR_OWIN_RUNTIME_START`, with `probed`
 */
export function start(options: RuntimeOptions = {}): Promise<RuntimeInfo> {
  checkRuntimeOptions(options);
  const plain = Object.keys(options).length === 0;
  if (startup && plain) return startup;
  const first = (!startup || state === 'failed') && startOnce(options);
  if (!first && !plain)
    throw new OwinError(
      'ERR_OWIN_RUNTIME_STARTED',
      `it is ${info().state}, so options come too late.`,
    );
  return startup as Promise<RuntimeInfo>;
}

/** The runtime as it is now, whichever thread has started it. Never starts it. */
export function info(): RuntimeInfo {
  const outcome = startResult();
  if (!outcome) return { state };
  const { probed, frameworks } = outcome;
  if (!outcome.ok) return { state: 'failed', probed };
  const { version, path, reason, owner, bridge } = outcome;
  return { state: 'running', version, path, reason, frameworks, probed, owner, bridge };
}

/** What `owin.runtime.stats()` is to tell beside its own figures. */
export interface StatsOptions {
  /**
   * What System.Diagnostics.Metrics has measured: `true`, or the names of meters. Nothing is gathered before this is
   * first asked for, and everything from then on. Default false.
   */
  metrics?: boolean | readonly string[];
}

/**
 * Figures to watch.
 *
 * @throws OwinError `ERR_OWIN_OPTION` (as a rejection)
 * @throws (as a rejection) what `start()` rejects with; OwinError `ERR_OWIN_RUNTIME_START` when nothing was started
 */
export async function stats({ metrics, ...unknown }: StatsOptions = {}): Promise<RuntimeStats> {
  checkOptions('owin.runtime.stats()', { metrics, ...unknown }, { metrics: checkMetrics });
  if (!startup)
    throw new OwinError(
      'ERR_OWIN_RUNTIME_START',
      'Nothing has started it yet: there are no figures.',
    );
  await startup;
  const figures = pairs(await command('stats'));
  const figure = (name: string) => Number(figures[name]);
  const result: RuntimeStats = {
    exchanges: exchangeCount(),
    slots: slotCounts(),
    sockets: socketCount(),
    handles: functionCount() + heldCount() + thrownCount(),
    dotnetExchanges: figure('exchanges'),
    functions: {
      queued: figure('functionsQueued'),
      running: figure('functionsRunning'),
      done: figure('functionsDone'),
    },
    threads: { pool: figure('threads'), queued: figure('pending') },
    heap: { bytes: figure('heapBytes'), allocatedBytes: figure('allocatedBytes') },
  };
  if (metrics) result.metrics = await readMetrics(metrics === true ? [] : metrics);
  return result;
}

const checkMetrics = (value: unknown): string | undefined =>
  typeof value === 'boolean' ||
  (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    ? undefined
    : 'a boolean or the names of meters';

let opened = false;

// False: another thread has started it with other options.
function startOnce(options: RuntimeOptions): boolean {
  if (!opened) {
    openEnvironment();
    // Bun has libuv's functions as well, but they end the process.
    if (!process.versions['bun']) keepChildSignals();
    process.on('exit', awaitStart);
    opened = true;
  }
  state = 'starting';
  const native = {
    dotnetRoot: options.dotnetRoot ?? '',
    bridgeDirectory,
    properties: runtimeProperties(options),
  };
  let first = false;
  startup = new Promise((resolve, reject) => {
    first = startHost(native, (outcome) => {
      state = outcome.ok ? 'running' : 'failed';
      restoreSignals();
      if (outcome.ok) resolve(info());
      else reject(startError(outcome));
    });
  });
  startup.catch(() => {});
  return first;
}

function startError(outcome: StartResult): OwinError {
  const error = new OwinError(outcome.errorCode as OwinErrorCode, outcome.errorDetail);
  error.probed = outcome.probed;
  return error;
}

/** Signals are Node's, whatever .NET does about them when it starts, or an app of ASP.NET Core's. */
export function restoreSignals(): void {
  if (!isMainThread || process.platform === 'win32') return;
  const { signals } = constants;
  const taken = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGPIPE'] as const;
  const listened = taken.filter((name) => process.listenerCount(name) > 0);
  restoreListeners(listened.map((name) => signals[name]));
}

// .NET's own choice follows the size of the last cache, which the whole machine shares: docs/memory.md has figures.
// The server collector is for throughput.
function gen0MaxBudget({ gen0MaxBudget, server }: NonNullable<RuntimeOptions['gc']>) {
  const bytes = gen0MaxBudget ?? (server ? 0 : GEN0_MAX_BUDGET);
  return bytes > 0 ? String(bytes) : undefined;
}

// A buffer of 1 MB costs five times its copy otherwise: its memory is the system's again as soon as it is collected.
function lohThreshold({ lohThreshold = LOH_THRESHOLD }: NonNullable<RuntimeOptions['gc']>) {
  return lohThreshold > 0 ? String(lohThreshold) : undefined;
}

function runtimeProperties({
  gc = {},
  functions = {},
  invariantGlobalization,
  waitForDebugger,
}: RuntimeOptions): [string, string][] {
  const properties: [string, string | undefined][] = [
    ['System.GC.Concurrent', gc.concurrent?.toString()],
    ['System.GC.Server', gc.server?.toString()],
    ['System.GC.Gen0MaxBudget', gen0MaxBudget(gc)],
    ['System.GC.LOHThreshold', lohThreshold(gc)],
    ['System.GC.HeapHardLimit', gc.heapHardLimit?.toString()],
    ['System.Globalization.Invariant', invariantGlobalization?.toString()],
    ['Owin.Functions.Threads', functions.threads?.toString()],
    ['Owin.Functions.QueueLimit', functions.queueLimit?.toString()],
    ['Owin.WaitForDebugger', waitForDebugger?.toString()],
  ];
  return properties.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

function checkRuntimeOptions(options: RuntimeOptions): void {
  const from =
    (least: number, what = 'a number of bytes') =>
    (value: unknown) =>
      Number.isSafeInteger(value) && (value as number) >= least ? undefined : what;
  const isObject = (value: unknown) =>
    typeof value === 'object' && value !== null ? undefined : 'an object';
  checkOptions('owin.runtime.start()', options, {
    dotnetRoot: 'string',
    gc: isObject,
    functions: isObject,
    invariantGlobalization: 'boolean',
    waitForDebugger: 'boolean',
  });
  if (options.functions)
    checkOptions('owin.runtime.start({ functions })', options.functions, {
      threads: from(1, 'a number from 1'),
      queueLimit: from(0, 'a number from 0'),
    });
  if (options.gc)
    checkOptions('owin.runtime.start({ gc })', options.gc, {
      concurrent: 'boolean',
      server: 'boolean',
      gen0MaxBudget: from(0),
      lohThreshold: from(0),
      heapHardLimit: from(1),
    });
}
