import { setImmediate } from 'node:timers/promises';
import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { collectGarbage } from '../support/garbage.ts';

const { Acme } = await owin.load(appPath('Work'));
const { Hasher, Sha256 } = Acme.Hashing;

/** Waits until as many hashers are open in .NET. */
async function untilOpen(count: number): Promise<void> {
  while ((await Hasher.openCount()) !== count) await setImmediate();
}

describe('a loaded assembly', () => {
  test('has its static methods in their namespaces and classes', async () => {
    expect(await Sha256.hash(Buffer.from('a'))).toMatch(/^ca978112/);
    expect(Object.keys(Acme.Hashing)).toEqual(['Hasher', 'Sha256']);
  });

  test('makes objects, whose methods work on them', async () => {
    const [one, other] = [await Hasher.new(), await Hasher.new('SHA1')];
    await one.append(Buffer.from('a'));
    await other.append(Buffer.from('a'));
    expect(await one.finish()).toBe(await Sha256.hash(Buffer.from('a')));
    expect(await other.finish()).toHaveLength(40);
    expect(String(one)).toBe('[object Acme.Hashing.Hasher]');
    one.dispose();
    other[Symbol.dispose]();
    await untilOpen(0);
  });

  test('calls on Node’s thread once a method is bound', async () => {
    const hasher = await Hasher.new();
    await hasher.append(Buffer.from('a'));
    await hasher.finish();
    hasher.append.sync(Buffer.from('a'));
    expect(hasher.finish.sync()).toMatch(/^ca978112/);
    hasher.dispose();
    await untilOpen(0);
  });
});

describe('an object that is disposed of', () => {
  test('ends its calls first, and takes no further ones', async () => {
    const hasher = await Hasher.new();
    const appended = hasher.appendLater(Buffer.from('a'));
    hasher.dispose();
    hasher.dispose();
    await expect(appended).resolves.toBeUndefined();
    await expect(hasher.finish()).rejects.toMatchObject({
      code: 'ERR_OWIN_FUNCTION_CLOSED',
      message: 'The Acme.Hashing.Hasher was disposed of.',
    });
    await untilOpen(0);
  });

  test('may be left to the garbage collector', async () => {
    for (let i = 0; i < 10; i++) await Hasher.new();
    while ((await Hasher.openCount()) !== 0) await collectGarbage();
  });
});

test('an object is no argument, at no depth', async () => {
  const hasher = await Hasher.new();
  const refused = {
    code: 'ERR_OWIN_MARSHAL',
    message: expect.stringContaining('is an object of owin.load(), which does not cross'),
  };
  await expect(Sha256.hash(hasher)).rejects.toMatchObject(refused);
  await expect(Sha256.hash([{ hasher }])).rejects.toMatchObject({
    message: expect.stringContaining('[0].hasher is an object'),
  });
  hasher.dispose();
  await untilOpen(0);
});

test('names of methods do not meet those of JavaScript or of the package', async () => {
  const named = await Acme.Awkward.Named.new();
  expect(await named.call(1)).toBe('called 1');
  expect(await named.callSync()).toBe('called at once');
  expect(`${named}`).toBe('[object Acme.Awkward.Named]');
  expect(named.then).toBeUndefined();
  expect(named.valueOf()).toBe(named);
  named.dispose();
});

test('events that are left before the first step are listened to no more', async () => {
  const source = await Acme.Awkward.Source.new();
  const events = source.events('Raised');
  while ((await source.listeners()) !== 1) await setImmediate();
  await events.return();
  while ((await source.listeners()) !== 0) await setImmediate();
  await expect(events.next()).resolves.toMatchObject({ done: true });
  source.events('Raised');
  while ((await source.listeners()) !== 1) await setImmediate();
  while ((await source.listeners()) !== 0) await collectGarbage();
  source.dispose();
});
