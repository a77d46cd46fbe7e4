import { OwinError } from '../errors.ts';

type Check = 'string' | 'boolean' | 'number' | ((value: unknown) => string | undefined);

/**
 * Checks an options object against the names it may have.
 *
 * @param where what the options are of, for the message: `owin()`, `owin.runtime.start()`
 * @throws OwinError `ERR_OWIN_OPTION`, naming the option, what it takes, and the nearest name for an unknown one
 */
export function checkOptions(where: string, options: object, checks: Record<string, Check>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new OwinError(
      'ERR_OWIN_OPTION',
      `${where} takes its options as an object, not ${describe(options)}.`,
    );
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined)
      throw new OwinError('ERR_OWIN_OPTION', unknownOption(where, name, Object.keys(checks)));
    if (value === undefined) continue;
    const wanted =
      typeof check === 'function'
        ? check(value)
        : typeof value === check
          ? undefined
          : `a ${check}`;
    if (wanted)
      throw new OwinError(
        'ERR_OWIN_OPTION',
        `The option '${name}' of ${where} takes ${wanted}, not ${describe(value)}.`,
      );
  }
}

/** A value as a message shows it. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

function unknownOption(where: string, name: string, known: string[]): string {
  const near = known.find((each) => distance(each.toLowerCase(), name.toLowerCase()) <= 2);
  return `${where} has no option '${name}'. ${near ? `Did you mean '${near}'?` : `It has: ${known.join(', ')}.`}`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
