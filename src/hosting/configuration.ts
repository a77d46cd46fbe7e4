import { describe } from './options.ts';

/** Values by key; keys below keys are objects, or one key with colons: `{ A: { B: 1 } }` is `{ 'A:B': 1 }`. */
export interface Configuration {
  [key: string]: ConfigurationValue | readonly ConfigurationValue[];
}

/** One value of a configuration; of an array each element has its index as key. */
export type ConfigurationValue = string | number | bigint | boolean | null | Date | Configuration;

/**
 * The texts .NET's configuration has for these values, as it reads them from JSON: keys and values in turn.
 *
 * @throws TypeError for what is none of the values
 */
export function flatten(configuration: object, above = '', ancestors: object[] = []): string[] {
  if (ancestors.includes(configuration)) throw new TypeError(`${above} is within itself`);
  return Object.entries(configuration).flatMap(([name, value]) => {
    const key = above ? `${above}:${name}` : name;
    if (value === undefined) return [];
    if (typeof value === 'object' && value !== null && !(value instanceof Date))
      return flatten(value, key, [...ancestors, configuration]);
    return [key, text(key, value)];
  });
}

function text(key: string, value: unknown): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (['string', 'number', 'bigint'].includes(typeof value)) return String(value);
  throw new TypeError(`${key} is ${describe(value)}`);
}

/** Says what the option `configuration` takes when it is something else. */
export function checkConfiguration(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object';
  try {
    flatten(value);
    return undefined;
  } catch (error) {
    return `texts, numbers, booleans, dates, null, and objects and arrays of these (${(error as Error).message})`;
  }
}
