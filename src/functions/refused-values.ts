import { types } from 'node:util';
import { IS_NET_OBJECT } from './net-object.ts';

/** What has state that cannot be seen, and would arrive as an empty object. */
export function refusedKind(value: object): string | undefined {
  if (IS_NET_OBJECT in value) return 'an object of owin.load(), which does not cross';
  if (types.isRegExp(value)) return 'a RegExp';
  if (types.isWeakMap(value) || types.isWeakSet(value)) return 'a weak collection';
  if (value instanceof WeakRef) return 'a WeakRef';
  if (types.isGeneratorObject(value)) return 'a generator';
  if (types.isBoxedPrimitive(value)) return 'a boxed primitive';
  return undefined;
}

/** What was thrown, as text. */
export function shown(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'what it threw cannot be shown';
  }
}
