// Texts of a gigabyte. A file of its own: each takes that for a moment.
import owin, { type DotnetFunction } from 'owin';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { collectGarbage } from '../support/garbage.ts';

const func = (name: string): DotnetFunction =>
  owin.func(appPath('Marshalling'), `Marshalling.${name}`);

const LENGTH = 2 ** 29;
const LONGEST = LENGTH - 24;
const collect = func('Large.Collect');

function tooLarge(path: string) {
  const message = `${path} is too large: more than ${LONGEST} bytes do not cross.`;
  return { code: 'ERR_OWIN_MARSHAL', message };
}

/** Megabytes of the process once both sides have let go of what they can. */
async function resident(): Promise<number> {
  await collect();
  collectGarbage();
  return process.memoryUsage.rss() / 2 ** 20;
}

let before: number;

beforeAll(async () => {
  await func('Large.Text')('x', 1);
  before = await resident();
});

afterEach(async () => {
  await expect.poll(resident, { timeout: 20_000 }).toBeLessThan(before + 250);
});

describe('a text of a gigabyte from .NET is refused by its path, and its memory comes back', () => {
  test.each([
    ['Large.Text', 'x', '$'],
    ['Large.Object', '€', '$.lines[1]'],
  ])('%s of %s', async (name, unit, path) => {
    await expect(func(name)(unit, LENGTH)).rejects.toMatchObject(tooLarge(path));
  });

  test('for a function of JavaScript’s', async () => {
    const told = func('Large.Told')(() => 'never called', '€', LENGTH);
    await expect(told).rejects.toMatchObject(tooLarge('argument 1 of JavaScript’s function'));
  });
});

describe('the longest text of JavaScript’s', () => {
  const longest = '€'.repeat(LONGEST);

  test('is refused by its path', async () => {
    const call = func('Large.Told')(() => 'never called', longest, 1);
    await expect(call).rejects.toMatchObject(tooLarge('$.unit'));
  });

  test('is refused as the result of a function', async () => {
    const told = func('Large.Told')(() => longest, 'x', 1);
    await expect(told).rejects.toMatchObject(tooLarge('the result of the function'));
  });
});
