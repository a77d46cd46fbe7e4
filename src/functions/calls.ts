import { AsyncResource } from 'node:async_hooks';
import { readError } from '../errors.ts';
import { keepAlive } from '../hosting/bridge.ts';
import { writeCancelCall, writeInvoke } from '../http/frame-writer.ts';
import { InvokeFlags } from '../http/frames.generated.ts';
import { abortError, atCallSite } from './call-errors.ts';
import { type FunctionOwner, releaseFunctions } from './js-functions.ts';
import { readValue } from './value-reader.ts';
import { writeArguments } from './value-writer.ts';

/** What the last argument of a call may be. */
export interface CallOptions {
  /** Aborts the call: it rejects at once, and .NET's CancellationToken is cancelled. */
  signal?: AbortSignal;
}

/** Who makes calls; told of the end of each. */
export interface Caller {
  callEnded(): void;
}

// Calls that .NET has not ended, by slot. Freed slots are used again in the order they were freed.
const calls: (Call | undefined)[] = [];
const generations: number[] = [];
const free: number[] = [];
let firstFree = 0;

/**
 * One call of a .NET function: open → settled, its slot taken until .NET has ended it. An aborted call is settled
 * before.
 */
class Call implements FunctionOwner {
  functions: number[] | undefined;
  readonly caller: Caller;
  slot = 0;
  generation = 0;
  settled = false;
  resolve!: (value: unknown) => void;
  reject!: (error: unknown) => void;
  // The async context of the call, where .NET may call functions in it.
  context: AsyncResource | undefined;
  stopListening: (() => void) | undefined;

  constructor(caller: Caller) {
    this.caller = caller;
  }

  run<T>(call: () => T): T {
    return this.context ? this.context.runInAsyncScope(call) : call();
  }

  /** Nobody waits for it any more. */
  settle(): void {
    this.settled = true;
    this.stopListening?.();
    keepAlive(-1);
    this.caller.callEnded();
  }
}

/**
 * Calls the .NET function of that number.
 *
 * @param target number of the object it is called on; 0: none
 */
export function invoke(
  caller: Caller,
  number: number,
  target: number,
  args: unknown[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const call = new Call(caller);
  return new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
    if (signal?.aborted) throw abortError(signal);
    const payload = args.length === 0 ? undefined : writeArguments(args, call);
    if (call.functions) call.context = new AsyncResource('OWINCALL');
    takeSlot(call);
    keepAlive(1);
    const flags = signal ? InvokeFlags.cancellable : 0;
    writeInvoke(call, number, target, flags, args.length, payload);
    if (signal) listen(call, signal);
  });
}

function listen(call: Call, signal: AbortSignal): void {
  const abort = () => {
    writeCancelCall(call);
    call.settle();
    call.reject(abortError(signal));
  };
  signal.addEventListener('abort', abort, { once: true });
  call.stopListening = () => signal.removeEventListener('abort', abort);
}

/** .NET has ended a call with a value; an empty one is none. */
export function returned(slot: number, generation: number, value: Buffer): void {
  const call = end(slot, generation);
  if (!call) return;
  try {
    call.resolve(value.length === 0 ? undefined : readValue(value));
  } catch (error) {
    call.reject(error);
  }
}

/** .NET has ended a call with an error. */
export function threw(slot: number, generation: number, fields: string[]): void {
  const call = end(slot, generation);
  if (call) call.resolve(atCallSite(() => readError(fields)));
}

// Undefined: it was settled before.
function end(slot: number, generation: number): Call | undefined {
  const call = calls[slot];
  if (call?.generation !== generation) return undefined;
  calls[slot] = undefined;
  free.push(slot);
  if (call.functions) releaseFunctions(call);
  if (call.settled) return undefined;
  call.settle();
  return call;
}

function takeSlot(call: Call): void {
  let slot = calls.length;
  if (firstFree < free.length) {
    slot = free[firstFree++] as number;
    if (firstFree === 1024) {
      free.splice(0, firstFree);
      firstFree = 0;
    }
  } else {
    generations[slot] = 0;
  }
  call.slot = slot;
  call.generation = generations[slot] = ((generations[slot] as number) + 1) | 0;
  calls[slot] = call;
}
