// Writes the frames of functions: of JavaScript's that .NET calls, and of .NET's that JavaScript calls.
import { writeBytes, writeWords } from '../http/frame-slab.ts';
import { ToClr } from '../http/frames.generated.ts';

const NOTHING = new Uint8Array(0);
const NONE: Uint8Array[] = [];

/** A function that .NET called has returned a value, or failed with one. */
export function writeCallResult(call: number, failed: boolean, value: Uint8Array): void {
  writeBytes(ToClr.callResult, call, 0, [failed ? 1 : 0], value);
}

/** A .NET function is called; `payload` are its arguments. */
export function writeInvoke(
  call: { slot: number; generation: number },
  number: number,
  target: number,
  flags: number,
  argumentCount: number,
  payload?: { bytes: Uint8Array; buffers: Uint8Array[] },
): void {
  const { bytes = NOTHING, buffers: own = NONE } = payload ?? {};
  const head = [number, target, flags, argumentCount, 0, own.length];
  writeBytes(ToClr.invoke, call.slot, call.generation, head, bytes, own);
}

/** A call is not wanted any more. */
export function writeCancelCall(call: { slot: number; generation: number }): void {
  writeWords(ToClr.cancelCall, call.slot, call.generation);
}

/** Memory that .NET has lent was copied. */
export function writeBufferTaken(number: number): void {
  writeWords(ToClr.bufferTaken, number, 0);
}

/** An object of .NET's is not called any more. */
export function writeReleaseObject(number: number): void {
  writeWords(ToClr.releaseObject, number, 0);
}
