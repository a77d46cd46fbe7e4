import owin from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';

const dll = appPath('Marshalling');
const big = 2n ** 53n;

describe("int64: 'bigint'", () => {
  test('is for results, and for what comes later of them', async () => {
    const echo = owin.func(dll, 'Marshalling.Echo.Long', { int64: 'bigint' });
    expect((await echo(5)).value).toBe(5n);
    expect((await echo(-big)).value).toBe(-big);
    expect(echo.sync(7).value).toBe(7n);
    const ulong = owin.func(dll, 'Marshalling.Echo.ULong', { int64: 'bigint' });
    expect((await ulong(2n ** 64n - 1n)).value).toBe(2n ** 64n - 1n);
    const count = owin.func(dll, 'Marshalling.Streams.Count', { int64: 'bigint' });
    const items: unknown[] = [];
    for await (const each of await count(2, false)) items.push(each);
    expect(items).toEqual([0n, 1n]);
  });

  test('is for arguments of functions that .NET calls, and leaves ints alone', async () => {
    const got: unknown[] = [];
    const source = `public static class Work {
      public static int Tell(System.Action<long, int> tell) { tell(1, 2); return 3; } }`;
    const tell = owin.func({ source }, 'Work.Tell', { int64: 'bigint' });
    expect(await tell((...args: unknown[]) => got.push(...args))).toBe(3);
    await expect.poll(() => got).toEqual([1n, 2]);
  });

  test('is for objects and their events', async () => {
    for (const int64 of ['bigint', 'number'] as const) {
      const { Marshalling } = await owin.load(dll, { int64 });
      using source = await Marshalling.Source.new();
      const events = source.events('Counted');
      await expect.poll(() => source.listeners()).toBe(1);
      await source.count(1);
      await source.count(big);
      const told = [await events.next(), await events.next()].map(({ value }) => value);
      expect(told).toEqual([int64 === 'bigint' ? 1n : 1, big]);
      await events.return?.();
    }
  });

  test('is for workers', async () => {
    const options = { type: 'Marshalling.Echo', method: 'Long' };
    await using worker = owin.worker(dll, { ...options, int64: 'bigint' });
    expect(await worker.run(5)).toMatchObject({ value: 5n });
    await using other = owin.worker(dll, options);
    expect(await other.run(5)).toMatchObject({ value: 5 });
  });

  test('is for rows', async () => {
    const connectionString = 'Data Source=:memory:';
    await using sql = owin.sql({ connectionString, int64: 'bigint' });
    expect(await sql`SELECT ${5} AS n, ${1.5} AS f`).toEqual([{ n: 5n, f: 1.5 }]);
    await using other = owin.sql({ connectionString });
    expect(await other`SELECT ${5} AS n, ${big} AS b`).toEqual([{ n: 5, b: big }]);
  });
});

test("int64: 'number' gives a bigint only where no number is the same", async () => {
  const echo = owin.func(dll, 'Marshalling.Echo.Long', { int64: 'number' });
  expect((await echo(2 ** 53 - 1)).value).toBe(2 ** 53 - 1);
  expect((await echo(big)).value).toBe(big);
});

test('another value is refused by each', async () => {
  const int64 = 'text' as 'number';
  const refused = expect.objectContaining({
    code: 'ERR_OWIN_OPTION',
    message: expect.stringContaining("'bigint' or 'number'"),
  });
  expect(() => owin.func(dll, 'A.B', { int64 })).toThrow(refused);
  expect(() => owin.worker(dll, { int64 })).toThrow(refused);
  expect(() => owin.sql({ connectionString: '', int64 })).toThrow(refused);
  await expect(owin.load(dll, { int64 })).rejects.toThrow(refused);
});
