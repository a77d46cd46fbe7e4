import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { owin, type Query, type Sql } from 'owin';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Postgres } from '../support/postgres.ts';

const provider = path.join(path.dirname(appPath('Postgres')), 'Npgsql.dll');
let server: Postgres;
let sql: Sql;

beforeAll(async () => {
  server = await Postgres.start();
  sql = owin.sql({ provider, connectionString: server.connectionString });
  await sql.ready;
});

afterAll(async () => {
  await sql?.close();
  await server?.stop();
});

test('says whose provider it is', async () => {
  expect(await sql.ready).toEqual({ provider: 'Npgsql' });
});

test('parameters of many types come back as they were', async () => {
  const at = new Date('2026-02-03T04:05:06.789Z');
  const [row] =
    await sql`SELECT ${1} + 1 AS n, ${'é\u{1f600}'}::text AS t, ${true} AS b, ${null}::int AS nothing,
    ${at} AS at, ${Buffer.from([0, 255])} AS bytes, ${0.5} AS half, ${9007199254740993n} AS big,
    ${[1, 2, 3]} AS list`;
  expect(row).toEqual({
    ...{ n: 2, t: 'é\u{1f600}', b: true, nothing: null, at, half: 0.5, big: 9007199254740993n },
    bytes: Buffer.from([0, 255]),
    list: row?.['list'],
  });
  expect(Array.from(row?.['list'] as ArrayLike<number>)).toEqual([1, 2, 3]);
});

test('types of PostgreSQL are those of the marshalling table', async () => {
  const [row] = await sql`SELECT 1234567890.0123456789::numeric AS decimal,
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS uuid, '{"a": 1}'::jsonb AS json,
    '2026-02-03'::date AS date, timestamp '2026-02-03 04:05:06' AS stamp, interval '90 seconds' AS interval,
    '10.1.2.0/24'::cidr AS net, '{a,NULL}'::text[] AS texts`;
  expect(row).toMatchObject({
    decimal: '1234567890.0123456789',
    uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    json: '{"a": 1}',
    stamp: new Date('2026-02-03T04:05:06Z'),
    interval: 'PT1M30S',
    net: '10.1.2.0/24',
    texts: ['a', null],
  });
});

test('a value is never a part of the command', async () => {
  const hostile = "'; DROP TABLE pg_class; --";
  const [row] = await sql`SELECT ${hostile}::text AS t`;
  expect(row).toEqual({ t: hostile });
  await expect(sql`SELECT * FROM ${sql.identifier(hostile)}`).rejects.toMatchObject({
    sqlState: '42P01',
  });
});

test('errors have their SQLSTATE', async () => {
  await sql`CREATE TABLE IF NOT EXISTS keys (id int PRIMARY KEY)`;
  await sql`INSERT INTO keys VALUES (${1})`;
  await expect(sql`INSERT INTO keys VALUES (${1})`).rejects.toMatchObject({
    name: 'Npgsql.PostgresException',
    sqlState: '23505',
    isTransient: false,
    data: { ConstraintName: 'keys_pkey' },
  });
});

test('rows of a table that does not fit into memory come as they are read', async () => {
  let count = 0;
  let sum = 0n;
  for await (const {
    n,
  } of sql`SELECT n, repeat('x', 100) AS t FROM generate_series(1, 200000) AS n`) {
    count++;
    sum += BigInt(n as number);
  }
  expect([count, sum]).toEqual([200_000, 20_000_100_000n]);
});

test('who stops reading frees the connection, without reading the rest', async () => {
  for (let i = 0; i < 50; i++)
    for await (const _ of sql`SELECT generate_series(1, 1000000000)`) break;
  const [row] = await sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active'`;
  expect(row).toEqual({ n: 1 });
});

/** A database whose pool has one connection, which is waited for a second at most. */
const narrow = () =>
  owin.sql({
    provider,
    connectionString: `${server.connectionString};Maximum Pool Size=1;Timeout=1`,
  });

test.each([
  [
    'leaves the loop',
    async (rows: AsyncIterable<unknown>) => {
      for await (const _ of rows) break;
    },
  ],
  [
    'throws in the loop',
    async (rows: AsyncIterable<unknown>) => {
      const loop = async () => {
        for await (const _ of rows) throw new Error('enough');
      };
      await expect(loop()).rejects.toThrow('enough');
    },
  ],
  [
    'returns between two result sets',
    async (rows: Query) => {
      for await (const _ of rows.sets()) break;
    },
  ],
  [
    'never begins',
    async (rows: AsyncIterable<unknown>) => {
      await rows[Symbol.asyncIterator]().return?.();
    },
  ],
])('the connection is free again for who %s', async (_, read) => {
  await using db = narrow();
  await read(db`SELECT generate_series(1, 1000000); SELECT 2`);
  expect(await db`SELECT 1 AS n`).toEqual([{ n: 1 }]);
});

test('a command waits for a connection of the pool, and fails with what the provider says', async () => {
  await using db = narrow();
  const rows = db`SELECT generate_series(1, 100000)`[Symbol.asyncIterator]();
  await rows.next();
  const waiting = db`SELECT 1 AS n`;
  await expect(waiting).rejects.toMatchObject({
    name: 'Npgsql.NpgsqlException',
    message: expect.stringContaining('pool has been exhausted'),
  });
  const next = Promise.resolve(waiting);
  await rows.return();
  expect(await next).toEqual([{ n: 1 }]);
});

test('a transaction that is aborted, or left with rows unread, gives its connection back', async () => {
  await using db = narrow();
  const failing = db.begin(async (tx) => {
    await tx`SELECT pg_sleep(600)`.with({ signal: AbortSignal.timeout(50) });
  });
  await expect(failing).rejects.toMatchObject({
    name: 'AbortError',
    cause: { name: 'TimeoutError' },
  });
  const unread = db.begin(async (tx) => {
    await tx`SELECT generate_series(1, 100000)`[Symbol.asyncIterator]().next();
  });
  await unread.catch(() => {});
  expect(await db`SELECT 1 AS n`).toEqual([{ n: 1 }]);
});

test('several result sets', async () => {
  const sets: unknown[][] = [];
  for await (const set of sql`SELECT 1 AS a; SELECT 2 AS b UNION SELECT 3 ORDER BY b`.sets()) {
    const rows: unknown[] = [];
    for await (const row of set) rows.push(row);
    sets.push(rows);
  }
  expect(sets).toEqual([[{ a: 1 }], [{ b: 2 }, { b: 3 }]]);
});

test('a transaction is committed, or rolled back with what was thrown', async () => {
  await sql`CREATE TABLE IF NOT EXISTS accounts (name text, balance int)`;
  await sql.begin(async (tx) => {
    await tx`INSERT INTO accounts VALUES (${'a'}, ${1}), (${'b'}, ${2})`;
    expect(await sql`SELECT * FROM accounts`).toEqual([]);
    await Promise.all([tx`SELECT 1`, tx`SELECT 2`, tx`SELECT 3`]);
    for await (const _ of tx`SELECT generate_series(1, 100000)`) break;
  });
  const failing = sql.begin(
    async (tx) => {
      await tx`DELETE FROM accounts`;
      throw new Error('no');
    },
    { isolation: 'serializable' },
  );
  await expect(failing).rejects.toThrow('no');
  expect(await sql`SELECT name FROM accounts ORDER BY ${sql.identifier('name')}`).toEqual([
    { name: 'a' },
    { name: 'b' },
  ]);
});

test('an aborted command ends in the database as well', async () => {
  const controller = new AbortController();
  const sleeping = sql`SELECT pg_sleep(600) AS marker`.with({ signal: controller.signal });
  const asleep = async () =>
    (
      await sql`SELECT pid FROM pg_stat_activity WHERE query LIKE ${'%AS marker'} AND wait_event = ${'PgSleep'}`
    ).length;
  const outcome = expect(sleeping.execute()).rejects.toMatchObject({
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
  await expect.poll(asleep).toBe(1);
  controller.abort();
  await outcome;
  await expect.poll(asleep).toBe(0);
});

test('a worker that is terminated leaves no connection', async () => {
  const connectionString = `${server.connectionString};Application Name=worker`;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('owin').then(async ({ owin }) => {
      const sql = owin.sql(workerData);
      const rows = sql\`SELECT generate_series(1, 1000000000)\`[Symbol.asyncIterator]();
      await rows.next();
      globalThis.kept = rows;
      parentPort.postMessage('reading');
    });`;
  const worker = new Worker(code, { eval: true, workerData: { provider, connectionString } });
  await once(worker, 'message');
  const connections = async () =>
    (await sql`SELECT pid FROM pg_stat_activity WHERE application_name = ${'worker'}`).length;
  expect(await connections()).toBeGreaterThan(0);
  await worker.terminate();
  await expect.poll(connections, { timeout: 10_000 }).toBe(0);
});

test('nobody is there', async () => {
  const nowhere = owin.sql({ provider, connectionString: 'Host=/nonexistent;Username=owin' });
  await expect(nowhere.ready).rejects.toMatchObject({ name: 'Npgsql.NpgsqlException' });
  await nowhere.close();
  const stranger = owin.sql({
    provider,
    connectionString: server.connectionString.replace(/Username=\w+/, 'Username=nobody'),
  });
  await expect(stranger`SELECT 1`).rejects.toMatchObject({ sqlState: '28000' });
  const misspelt = owin.sql({ provider, connectionString: 'Hots=/tmp' });
  await expect(misspelt.ready).rejects.toMatchObject({
    name: 'System.ArgumentException',
    message: expect.stringContaining('hots'),
  });
});
