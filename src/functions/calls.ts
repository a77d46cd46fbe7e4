import { AsyncResource } from 'node:async_hooks';
import { FIELDS_PER_ERROR, readError } from '../errors.ts';
import { keepAlive } from '../hosting/bridge.ts';
import { InvokeFlags } from '../http/frames.generated.ts';
import { whenAborted } from './abort-listeners.ts';
import { type WrittenArguments, writeArguments } from './call-arguments.ts';
import { abortError, atCallSite } from './call-errors.ts';
import { writeCancelCall, writeInvoke, writeReleaseObject } from './call-frames.ts';
import type { Dialect } from './dialect.ts';
import { type FunctionOwner, withdrawFunctions } from './js-functions.ts';
import { keptThrown } from './thrown-errors.ts';
import { readValueAt } from './value-reader.ts';

/** What the last argument of a call may be. */
export interface CallOptions {
  /** Aborts the call: it rejects at once, and .NET's CancellationToken is cancelled. */
  signal?: AbortSignal;
  /**
   * Called with what .NET reports to its `IProgress<T>`, at most once a turn of the event loop: what is replaced before is
   * not told, the last one is. It is told before the call settles.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as what the method reports
  progress?: (value: any) => void;
}

/** Who makes calls; told of the end of each. */
export interface Caller {
  /** Its calls may last as long as the process, and do not keep it. */
  readonly isIdle?: boolean;
  /** Names of the parameters, for messages. */
  readonly parameters?: readonly string[];
  /** How its values are written and read. */
  readonly reading?: Dialect;
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
  // Whether the process does not end before it.
  readonly isWaited: boolean;
  readonly dialect: Dialect | undefined;
  resolve!: (value: unknown) => void;
  reject!: (error: unknown) => void;
  // The async context of the call, where .NET may call functions in it.
  context: AsyncResource | undefined;
  stopListening: (() => void) | undefined;
  // .NET copies out of them.
  buffers: Uint8Array[] | undefined;

  constructor(caller: Caller) {
    this.caller = caller;
    this.isWaited = !caller.isIdle;
    this.dialect = caller.reading;
  }

  get keepsThrown(): 'until .NET has it no more' {
    return 'until .NET has it no more';
  }

  run<T>(call: () => T): T {
    return this.context ? this.context.runInAsyncScope(call) : call();
  }

  /** Nobody waits for it any more. */
  settle(): void {
    this.settled = true;
    this.stopListening?.();
    if (this.isWaited) keepAlive(-1);
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
  options: CallOptions = {},
): Promise<unknown> {
  const call = new Call(caller);
  const result = new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
  });
  try {
    begin(call, number, target, args, options);
  } catch (error) {
    caller.callEnded();
    call.reject(error);
  }
  return result;
}

function begin(
  call: Call,
  number: number,
  target: number,
  args: unknown[],
  { signal, progress }: CallOptions,
): void {
  if (signal?.aborted) throw abortError(signal);
  let flags = signal ? InvokeFlags.cancellable : 0;
  let payload: WrittenArguments | undefined;
  if (args.length > 0 || progress) {
    payload = written(args, call, progress);
    call.buffers = payload.buffers;
    if (call.functions) {
      call.context = new AsyncResource('OWINCALL');
      flags |= progress ? InvokeFlags.hasProgress : InvokeFlags.hasFunctions;
      // .NET lets go of each by itself.
      call.functions = undefined;
    }
  }
  takeSlot(call);
  if (call.isWaited) keepAlive(1);
  writeInvoke(call, number, target, flags, args.length, payload);
  if (signal) listen(call, signal);
}

// .NET hears of no function of a call that is not made.
function written(
  args: unknown[],
  call: Call,
  progress: ((value: unknown) => void) | undefined,
): WrittenArguments {
  try {
    return writeArguments(args, call, progress, call.caller.parameters);
  } catch (error) {
    withdrawFunctions(call);
    throw error;
  }
}

function listen(call: Call, signal: AbortSignal): void {
  call.stopListening = whenAborted(signal, () => {
    writeCancelCall(call);
    call.settle();
    call.reject(abortError(signal));
  });
}

/** .NET has ended a call with the value between two places; an empty one is none. */
export function returned(
  slot: number,
  generation: number,
  bytes: Buffer,
  from: number,
  to: number,
): void {
  const call = end(slot, generation);
  if (!call) return;
  try {
    // Also where nobody wants it: .NET has lent memory for it.
    const value = from === to ? undefined : readValueAt(bytes, from, to, call.caller.reading);
    if (!call.settled) call.resolve(value);
  } catch (error) {
    call.reject(error);
  }
  if (!call.settled) call.settle();
}

/** .NET has ended a call with an error. */
export function threw(slot: number, generation: number, fields: string[]): void {
  const call = end(slot, generation);
  if (!call || call.settled) return forget(fields);
  const original = originalOf(fields);
  if (original) call.reject(original.error);
  else call.resolve(atCallSite(() => errorOf(fields)));
  call.settle();
}

// .NET holds an exception for as long as there is an error of it.
const unreachable = new FinalizationRegistry(writeReleaseObject);

/** What a function of JavaScript's has thrown, where that is what a call has failed with. */
export function originalOf(fields: string[]): { error: unknown } | undefined {
  return keptThrown(heldNumber(fields));
}

/** The error that a call has failed with. */
export function errorOf(fields: string[]): Error {
  const error = readError(fields);
  const number = heldNumber(fields);
  if (number > 0) unreachable.register(error, number);
  return error;
}

// Nobody wants the error.
function forget(fields: string[]): void {
  const number = heldNumber(fields);
  if (number > 0) writeReleaseObject(number);
}

const heldNumber = (fields: string[]): number => Number(fields[FIELDS_PER_ERROR - 1] ?? 0);

// It may have been settled before.
function end(slot: number, generation: number): Call | undefined {
  const call = calls[slot];
  if (call?.generation !== generation) return undefined;
  calls[slot] = undefined;
  free.push(slot);
  call.buffers = undefined;
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
