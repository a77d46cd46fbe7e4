const LARGEST = 0x7fffffff;

/**
 * The number behind `last` that is not taken. The largest is 2^31 - 1, since .NET has it as an int; 1 comes after it, and
 * 0 is none.
 */
export function nextFree(last: number, taken: { has(number: number): boolean }): number {
  let number = last;
  do number = number === LARGEST ? 1 : number + 1;
  while (taken.has(number));
  return number;
}
