import { invokeNow, takeResult } from '../hosting/bridge.ts';
import { readTexts } from '../http/text-fields.ts';
import { writeArguments } from './call-arguments.ts';
import { type Caller, errorOf, originalOf } from './calls.ts';
import { readValueAt } from './value-reader.ts';

const memory = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Calls the .NET function of that number on this thread.
 *
 * @param target number of the object it is called on; 0: none
 * @throws what the function throws
 */
export function invokeSync(
  { parameters, reading }: Caller,
  number: number,
  target: number,
  args: unknown[],
): unknown {
  let bytes: Buffer = memory;
  let length = 0;
  if (args.length > 0) {
    const payload = writeArguments(args, undefined, undefined, parameters).bytes;
    length = payload.length;
    if (length > memory.length) bytes = payload;
    else memory.set(payload);
  }
  const outcome = invokeNow(number, target, args.length, bytes, length);
  if (outcome === 0) return undefined;
  const size = outcome < 0 ? -1 - outcome : outcome;
  const result = size > bytes.length ? take(size) : bytes;
  if (outcome > 0) return readValueAt(result, 0, size, reading);
  const fields = readTexts(result, 0, size) ?? [];
  const original = originalOf(fields);
  throw original ? original.error : errorOf(fields);
}

function take(size: number): Buffer {
  const result = Buffer.allocUnsafeSlow(size);
  takeResult(result);
  return result;
}
