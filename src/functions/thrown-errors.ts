// Errors that have crossed, by numbers, so that one that crosses back is the original again.
import { nextFree } from '../hosting/numbers.ts';

const thrown = new Map<number, unknown>();
let last = 0;

/** Keeps what a function has thrown to .NET until that has it no more. Its number is negative: functions have others. */
export function keepThrown(error: unknown): number {
  last = nextFree(last, thrown);
  thrown.set(last, error);
  return -last;
}

/** What .NET gives back: undefined where the number is none of these. */
export function keptThrown(number: number): { error: unknown } | undefined {
  return thrown.has(-number) ? { error: thrown.get(-number) } : undefined;
}

/** .NET has the exception that stands for it no more. */
export function forgetThrown(number: number): void {
  thrown.delete(-number);
}

/** How many are kept. */
export function thrownCount(): number {
  return thrown.size;
}

// Numbers of the exceptions that .NET holds for the errors made of them.
const exceptions = new WeakMap<object, number>();

/** An error was made of the exception that .NET holds under that number. */
export function isOfException(error: Error, number: number): void {
  exceptions.set(error, number);
}

/** The number of the exception that an error was made of; undefined: .NET holds none. */
export function exceptionOf(error: object): number | undefined {
  return exceptions.get(error);
}
