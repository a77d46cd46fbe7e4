type AnyFunction = (...args: never[]) => unknown;

/** How values cross where the types leave it open. */
export interface Dialect {
  /** Rules of .NET's side: the sum of those in `ValueRule`. */
  rules?: number;
  /** `bigint`: a long or ulong always is one; else only where no number is it exactly. */
  int64?: 'bigint' | 'number' | undefined;
  /** What .NET calls instead of a function of JavaScript's. */
  fromJs?(call: AnyFunction): AnyFunction;
  /** What JavaScript gets instead of a function of .NET's. */
  toJs?(call: (...args: unknown[]) => Promise<unknown>): unknown;
}

/** `ValueRules` of .NET's. */
export const ValueRule = { integers: 1, expando: 2, clrNames: 4 } as const;
