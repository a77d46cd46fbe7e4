import { readFileSync } from 'node:fs';
import owin, { type DotnetFunction } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

interface Row {
  method: string;
  type: string;
  values: { in: string; net?: string; out?: string }[];
  refused: { in: string; because: string }[];
}

const file = new URL('../../protocol/marshalling.json', import.meta.url);
const { types } = JSON.parse(readFileSync(file, 'utf8')) as { types: Row[] };
const functions = new Map<string, DotnetFunction>();

/** The function that gives back what it gets as that type. */
function echo(method: string): DotnetFunction {
  const found = functions.get(method);
  if (found) return found;
  const made = owin.func(appPath('Marshalling'), `Marshalling.Echo.${method}`);
  functions.set(method, made);
  return made;
}

// The table is code of this repository's.
const value = (expression: string): unknown =>
  new Function('Buffer', `return (${expression})`)(Buffer);

describe.each(types)('$type', ({ method, values, refused }) => {
  test.each(values)('takes $in', async ({ in: expression, net, out }) => {
    const seen = await echo(method)(value(expression));
    if (net !== undefined) expect(seen.net).toBe(net);
    expect(seen.value).toStrictEqual(value(out ?? expression));
  });

  if (refused.length > 0)
    test.each(refused)('refuses $in', async ({ in: expression, because }) => {
      const error = await echo(method)(value(expression)).catch((error) => error);
      expect(error).toMatchObject({ name: 'OwinError', code: 'ERR_OWIN_MARSHAL' });
      expect(error.message).toContain(because);
    });
});
