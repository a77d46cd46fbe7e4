import { nextFree } from '../hosting/numbers.ts';
import { appRequest } from '../http/app-requests.ts';
import { writeCallResult } from './call-frames.ts';
import type { Dialect } from './dialect.ts';
import { exceptionOf, forgetThrown, keepThrown } from './thrown-errors.ts';
import { readValues } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

/**
 * A request or a handler: as long as it lives .NET may call the functions in the values it gave. Or a call: .NET may call
 * its functions until it has let go of each.
 */
export interface FunctionOwner {
  /** Numbers of its functions, while it has any. */
  functions: number[] | undefined;
  /** How the values of its functions are written and read. */
  readonly dialect?: Dialect | undefined;
  /** Until when the errors that its functions throw are kept, to be the originals if they come back. Default: they are not. */
  readonly keepsThrown?: 'until .NET has it no more' | 'until the owner ends';
  /** Runs a call in the owner's async context. */
  run<T>(call: () => T): T;
}

type JsFunction = (...args: never[]) => unknown;

const functions = new Map<number, Registered>();
let last = 0;

/** The number of what the package itself answers. */
const ITSELF = 0;

/**
 * Makes a function known to .NET by the number that is returned.
 *
 * @param released called when .NET has it no more
 */
export function registerFunction(
  owner: FunctionOwner,
  call: JsFunction,
  released?: () => unknown,
): number {
  const number = (last = nextFree(last, functions));
  functions.set(number, { call: owner.dialect?.fromJs?.(call) ?? call, owner, released });
  (owner.functions ??= []).push(number);
  return number;
}

/** The owner is no more: so are its functions. A call under way goes on, and nobody hears of its result. */
export function releaseFunctions(owner: FunctionOwner): void {
  for (const number of owner.functions ?? []) forgetFunction(number);
  owner.functions = undefined;
}

/** .NET has never heard of the owner's functions; what lies behind them is still whose it was. */
export function withdrawFunctions(owner: FunctionOwner): void {
  for (const number of owner.functions ?? []) functions.delete(number);
  owner.functions = undefined;
}

const itself: Registered = {
  call: appRequest,
  owner: { functions: undefined, run: <T>(call: () => T): T => call() },
};

/** How many functions .NET may call. */
export function functionCount(): number {
  return functions.size;
}

/** The function of that number, which .NET gives back. */
export function jsFunction(number: number): unknown {
  return functions.get(number)?.call;
}

/** .NET does not call a function any more, or has no more an error that one has thrown. */
export function forgetFunction(number: number): void {
  if (number < 0) return forgetThrown(number);
  const released = functions.get(number)?.released;
  functions.delete(number);
  // Nobody waits for it, as for call 0.
  if (released) invokeLater(released).catch((error) => process.nextTick(rethrow, error));
}

const invokeLater = async (call: () => unknown): Promise<unknown> => call();

/**
 * .NET calls a function; its result, or what it threw or rejected with, goes back under the call's number. Nobody waits
 * for that of call 0: what it throws is uncaught.
 */
export function callFunction(call: number, number: number, argumentBytes: Buffer): void {
  const found = number === ITSELF && call !== 0 ? itself : functions.get(number);
  // .NET hears of the end of the owner as well.
  if (!found) return;
  const result = run(found, argumentBytes);
  if (call === 0) result.catch((error) => process.nextTick(rethrow, error));
  else answer(call, found.owner, number, result);
}

interface Registered {
  call: JsFunction;
  owner: FunctionOwner;
  released?: (() => unknown) | undefined;
}

async function run({ call, owner }: Registered, argumentBytes: Buffer): Promise<unknown> {
  const args = readValues(argumentBytes, 0, argumentBytes.length, owner.dialect);
  return owner.run(() => call(...(args as never[])));
}

async function answer(
  call: number,
  owner: FunctionOwner,
  number: number,
  result: Promise<unknown>,
): Promise<void> {
  let bytes: Buffer;
  let failed = false;
  try {
    const value = await result;
    bytes = writeResult(value, functions.has(number) ? owner : undefined);
  } catch (error) {
    failed = true;
    bytes = writeValue(errorValue(error, functions.has(number) ? owner : undefined), 'the error');
  }
  writeCallResult(call, failed, bytes);
}

// .NET hears of no function in a value that cannot be written, so it would never let go of one.
function writeResult(value: unknown, owner: FunctionOwner | undefined): Buffer {
  if (!owner) return writeValue(value, 'the result of the function');
  const before = owner.functions;
  owner.functions = undefined;
  try {
    return writeValue(value, 'the result of the function', owner);
  } catch (error) {
    withdrawFunctions(owner);
    throw error;
  } finally {
    owner.functions = isLasting(owner)
      ? undefined
      : [...(before ?? []), ...(owner.functions ?? [])];
  }
}

// .NET lets go of each by itself: a list of them would grow as long as one of them lives.
const isLasting = ({ keepsThrown }: FunctionOwner): boolean =>
  keepsThrown === 'until .NET has it no more';

function rethrow(error: unknown): never {
  throw error;
}

function errorValue(thrown: unknown, owner: FunctionOwner | undefined): unknown {
  const exception = thrown instanceof Error ? exceptionOf(thrown) : undefined;
  if (exception !== undefined) return { exception };
  const number = keep(thrown, owner);
  if (!(thrown instanceof Error))
    return { number, name: 'Error', message: text(() => String(thrown)), stack: '' };
  const error = thrown as NodeJS.ErrnoException;
  return {
    number,
    name: text(() => error.name),
    message: text(() => error.message),
    stack: text(() => error.stack),
    code: text(() => error.code),
  };
}

// 0: it is not kept.
function keep(thrown: unknown, owner: FunctionOwner | undefined): number {
  if (!owner?.keepsThrown) return 0;
  const number = keepThrown(thrown);
  if (owner.keepsThrown === 'until the owner ends') (owner.functions ??= []).push(number);
  return number;
}

// Whatever is thrown, .NET is to hear of it: also of an object that cannot be turned into text.
function text(read: () => unknown): string {
  try {
    return String(read() ?? '');
  } catch {
    return 'An error that cannot be shown.';
  }
}
