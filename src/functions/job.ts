import { OwinError } from '../errors.ts';
import type { AppSource } from '../hosting/source.ts';
import { createFunction, type DotnetFunction, type FunctionOptions } from './func.ts';

/** A job of BullMQ, as far as it is used here. */
export interface Job {
  /** The arguments: a list, or the only one. */
  data: unknown;
  /** Called with what the method reports. */
  updateProgress(progress: never): Promise<unknown>;
}

/** A processor for `new Worker(queue, processor)` of BullMQ. */
export interface JobProcessor extends Pick<DotnetFunction, 'ready' | 'close'>, AsyncDisposable {
  /** Runs the method for a job. BullMQ calls it. */
  (job: Job, token?: string, signal?: AbortSignal): Promise<unknown>;
}

// What says no at every try. BullMQ fails a job at once by this name.
const hopeless = new Set(['ERR_OWIN_FUNCTION_ARGUMENTS', 'ERR_OWIN_MARSHAL']);
const UNRECOVERABLE = 'UnrecoverableError';

/**
 * Makes a processor for BullMQ of a .NET method.
 *
 *     new Worker('hash', owin.func.job('Work.dll', 'Acme.Hashing.Sha256.Hash'), { connection })
 *
 * `job.data` holds the arguments: a list, or the only one. What the method returns is the job's result, which BullMQ
 * keeps as JSON. What it reports to its `IProgress<T>` is the job's progress; `worker.cancelJob()` cancels its
 * CancellationToken. An exception fails the try, and BullMQ tries again as the job says, except where the arguments are
 * not the method's.
 *
 * @param source as for `owin()`
 * @param name `Namespace.Type.Method`
 * @throws OwinError `ERR_OWIN_OPTION` for a wrong argument
 */
export function createJob(
  source: AppSource,
  name: string,
  options: FunctionOptions = {},
): JobProcessor {
  const call = createFunction(source, name, options);
  return Object.assign(run, {
    ready: call.ready,
    close: () => call.close(),
    [Symbol.asyncDispose]: () => call.close(),
  });

  async function run(job: Job, _token?: string, signal?: AbortSignal): Promise<unknown> {
    const args = Array.isArray(job.data) ? job.data : [job.data];
    // In order, and before the result: BullMQ refuses the progress of a job that is complete.
    let told: Promise<unknown> = Promise.resolve();
    const progress = (value: unknown) => {
      told = told.then(() => job.updateProgress(value as never));
      told.catch(() => undefined);
    };
    try {
      const result = await call(...args, signal ? { signal, progress } : { progress });
      await told;
      return result;
    } catch (error) {
      if (error instanceof OwinError && hopeless.has(error.code)) error.name = UNRECOVERABLE;
      throw error;
    }
  }
}
