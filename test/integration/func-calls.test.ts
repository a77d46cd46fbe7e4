import owin, { type DotnetFunction } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

const work = (name: string): DotnetFunction => owin.func(appPath('Work'), name);
const calls = (name: string): DotnetFunction => work(`Acme.Calls.${name}`);

describe('a call', () => {
  test('gives its arguments and gets the result', async () => {
    expect(await calls('Add')(40, 2)).toBe(42);
    expect(await calls('Text')('äöü\0€')).toBe('äöü\0€');
  });

  test('of a method without a result gives undefined', async () => {
    expect(await calls('Nothing')()).toBeUndefined();
    expect(await calls('NothingAsync')()).toBeUndefined();
  });

  test('waits for a Task and a ValueTask', async () => {
    expect(await calls('AddAsync')(1, 2)).toBe(3);
    expect(await calls('AddLater')(1, 2)).toBe(3);
  });

  test('leaves an optional parameter its default', async () => {
    const hash = work('Acme.Hashing.Sha256.Hash');
    const one = await hash(Buffer.from('a'));
    expect(one).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
    expect(await hash(Buffer.from('a'), 2)).not.toBe(one);
  });

  test('gives the rest of its arguments to params', async () => {
    const sum = calls('Sum');
    expect([await sum('a'), await sum('a', 1), await sum('a', 1, 2)]).toEqual([1, 2, 4]);
  });

  test('is one of many at once, each with its own result', async () => {
    const add = calls('Add');
    const sums = Array.from({ length: 5_000 }, (_, i) => add(i, 1));
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
  });
});

describe('a synchronous call', () => {
  test('has its result when it returns', async () => {
    const add = calls('Add');
    await add.ready;
    expect(add.sync(40, 2)).toBe(42);
    const text = calls('Text');
    await text.ready;
    const long = 'ab'.repeat(200_000);
    expect(text.sync(long)).toBe(long);
  });

  test('throws what the method throws', async () => {
    const fails = calls('Fails');
    await fails.ready;
    expect(() => fails.sync('now')).toThrow(
      expect.objectContaining({ name: 'System.InvalidOperationException', message: 'now' }),
    );
  });

  test('is refused before the function is loaded, and for a method that returns a Task', async () => {
    const later = calls('AddAsync');
    expect(() => later.sync(1, 2)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_FUNCTION_LOADING' }),
    );
    await later.ready;
    expect(() => later.sync(1, 2)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_FUNCTION_SIGNATURE' }),
    );
  });
});

test('close waits for no call that was refused before it began', async () => {
  const add = calls('Add');
  await expect(add(Symbol('x'), 1)).rejects.toMatchObject({ code: 'ERR_OWIN_MARSHAL' });
  await expect(add(1, 2, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  await add.close();
});

test('a call is aborted also while its function is being loaded', async () => {
  const add = calls('Add');
  let loaded = false;
  const ready = add.ready.then(() => {
    loaded = true;
  });
  const controller = new AbortController();
  const call = add(1, 2, { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
  expect(loaded).toBe(false);
  await ready;
  await add.close();
});
