import { writeReleaseObject } from './call-frames.ts';
import { type Caller, invoke } from './calls.ts';
import type { Dialect } from './dialect.ts';

/** A delegate of .NET's as a function. */
export type DelegateFunction = (...args: unknown[]) => Promise<unknown>;

const numbers = new WeakMap<object, number>();
const unreachable = new FinalizationRegistry<number>((number) => {
  held--;
  writeReleaseObject(number);
});
const idle: Caller = { isIdle: true, callEnded() {} };
let held = 0;

/** A delegate that .NET holds, until the function is unreachable. */
export function delegateFunction(number: number, dialect: Dialect): DelegateFunction {
  const caller: Caller = { reading: dialect, callEnded() {} };
  const call = (...args: unknown[]) => invoke(caller, 0, number, args);
  hold(call, number);
  return call;
}

/** .NET holds an object for as long as that one of JavaScript's lives. */
export function hold(owner: object, number: number): void {
  numbers.set(owner, number);
  unreachable.register(owner, number);
  held++;
}

/** Calls a delegate that may never complete. */
export function callIdle(number: number): Promise<unknown> {
  return invoke(idle, 0, number, []);
}

/** The number of the delegate behind a function; undefined: it is JavaScript's own. */
export function delegateNumber(call: object): number | undefined {
  return numbers.get(call);
}

/** How many objects .NET holds for values that it gave. */
export function heldCount(): number {
  return held;
}
