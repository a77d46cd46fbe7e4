import { readError } from '../errors.ts';
import { writeCommand } from '../http/frame-writer.ts';
import { keepAlive } from './bridge.ts';
import { nextFree } from './numbers.ts';

interface Waiting {
  resolve(fields: string[]): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let last = 0;

/**
 * Asks .NET for something outside of requests; `protocol/frames.json` lists what there is. Resolves with the text
 * fields of the answer, rejects with the error .NET reports.
 */
export function command(name: string, ...fields: string[]): Promise<string[]> {
  const number = (last = nextFree(last, waiting));
  keepAlive(1);
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    writeCommand(number, [name, ...fields]);
  });
}

/** .NET answered a command. */
export function answer(number: number, fields: string[], failed: boolean): void {
  const command = waiting.get(number);
  if (!command) return;
  waiting.delete(number);
  keepAlive(-1);
  if (failed) command.reject(readError(fields));
  else command.resolve(fields);
}

/** Pairs of name and value as an object. */
export function pairs(fields: string[]): Record<string, string> {
  const object: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2)
    object[fields[i] as string] = fields[i + 1] as string;
  return object;
}
