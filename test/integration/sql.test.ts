import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { owin, type Sql } from 'owin';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { collectGarbage } from '../support/garbage.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'owin-sql-'));
let sql: Sql;

const microsoft = path.join(
  path.dirname(appPath('Sqlite')),
  '../publish/Microsoft.Data.Sqlite.dll',
);

const memory = () => owin.sql({ connectionString: 'Data Source=:memory:' });

beforeAll(async () => {
  sql = owin.sql({ connectionString: `Data Source=${path.join(folder, 'shop.db')}` });
  await sql`PRAGMA journal_mode = WAL`;
  await sql`CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL, image BLOB)`;
});

afterAll(async () => {
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

test('SQLite is the default, and says so', async () => {
  expect(await sql.ready).toEqual({ provider: 'Microsoft.Data.Sqlite' });
});

test('values become parameters, rows objects', async () => {
  const image = Buffer.from([0, 1, 255]);
  const changed = await sql`
    INSERT INTO items (name, price, image) VALUES (${'tea'}, ${2.5}, ${image}), (${null}, ${3}, ${undefined})`.execute();
  expect(changed).toBe(2);
  expect(await sql`SELECT * FROM items ORDER BY id`).toEqual([
    { id: 1, name: 'tea', price: 2.5, image },
    { id: 2, name: null, price: 3, image: null },
  ]);
  const [row] = await sql<{ big: bigint; kind: string; flag: number }>`
    SELECT ${2n ** 53n + 1n} AS big, typeof(${7}) AS kind, ${true} AS flag`;
  expect(row).toEqual({ big: 2n ** 53n + 1n, kind: 'integer', flag: 1 });
});

test('what comes from elsewhere is never a part of the command', async () => {
  const hostile = "x'; DROP TABLE items; --";
  expect(await sql`SELECT ${hostile} AS t`).toEqual([{ t: hostile }]);
  await sql`INSERT INTO items (name) VALUES (${hostile})`;
  expect(await sql`SELECT count(*) AS n FROM items WHERE name = ${hostile}`).toEqual([{ n: 1 }]);
  const name = 'a"b; DROP TABLE items';
  await sql`CREATE TABLE ${sql.identifier(name)} (x)`;
  expect(await sql`SELECT name FROM sqlite_master WHERE name = ${name}`).toEqual([{ name }]);
});

test.each([
  ['a text', 'SELECT 1'],
  ['an array', ['SELECT 1']],
  ['what looks like a template', Object.assign(['SELECT 1'], { raw: ['SELECT 1'] })],
  ['JSON that looks like one', JSON.parse('{"0": "SELECT 1", "length": 1, "raw": ["SELECT 1"]}')],
])('%s is no template', (_, text) => {
  expect(() => sql(text as TemplateStringsArray)).toThrow(
    expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
  );
});

test.each([[[]], [['']], [['a\0b']], [[1 as unknown as string]]])(
  'sql.identifier(%j) is none',
  (names) => {
    expect(() => sql.identifier(...names)).toThrow(
      expect.objectContaining({ code: 'ERR_OWIN_OPTION' }),
    );
  },
);

test('lists, and templates in templates', async () => {
  const where = (ids: number[], name?: string) =>
    sql`id IN ${sql.list(ids)} ${name ? sql`AND name = ${name}` : sql``}`;
  expect(await sql`SELECT id FROM items WHERE ${where([1, 2, 7])} ORDER BY id`).toEqual([
    { id: 1 },
    { id: 2 },
  ]);
  expect(await sql`SELECT id FROM items WHERE ${where([1, 2], 'tea')}`).toEqual([{ id: 1 }]);
  expect(() => where([])).toThrow(
    expect.objectContaining({
      code: 'ERR_OWIN_OPTION',
      message: expect.stringContaining('sql.list() takes at least one value'),
    }),
  );
});

test('rows come as they are read: a command without an end is no trouble', async () => {
  let last: unknown;
  for await (const {
    n,
  } of sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c`) {
    last = n;
    if (n === 5_000) break;
  }
  expect(last).toBe(5_000);
});

test('a slow reader: .NET reads no further than one batch ahead', async () => {
  const rows = sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100000) SELECT n FROM c`;
  const iterator = rows[Symbol.asyncIterator]();
  const done = async () => (await owin.runtime.stats()).functions.done;
  await iterator.next();
  const before = await done();
  for (let i = 0; i < 200; i++) await iterator.next();
  expect(await done()).toBe(before);
  for (let i = 0; i < 200; i++) await iterator.next();
  expect(await done()).toBe(before + 1);
  await iterator.return();
});

test('several result sets, also where the rows of one are passed over', async () => {
  const sets: unknown[][] = [];
  let passed = false;
  for await (const set of sql`SELECT 1 AS a UNION SELECT 2; SELECT 3 AS b; SELECT 4 AS c`.sets()) {
    if (!passed) {
      passed = true;
      continue;
    }
    const rows: unknown[] = [];
    for await (const row of set) rows.push(row);
    sets.push(rows);
  }
  expect(sets).toEqual([[{ b: 3 }], [{ c: 4 }]]);
});

test('columns whatever their names are', async () => {
  const [row] = await sql`SELECT 1 AS "__proto__", 2 AS "a b", 3 AS "constructor"`;
  expect(Object.entries(row as object)).toEqual([
    ['__proto__', 1],
    ['a b', 2],
    ['constructor', 3],
  ]);
});

test('a transaction is committed, or rolled back with what was thrown', async () => {
  await using db = memory();
  await db`CREATE TABLE t (n)`;
  const result = await db.begin(async (tx) => {
    await tx`INSERT INTO t VALUES (1)`;
    await Promise.all([tx`INSERT INTO t VALUES (2)`, tx`INSERT INTO t VALUES (3)`]);
    return tx`SELECT sum(n) AS sum FROM t`;
  });
  expect(result).toEqual([{ sum: 6 }]);
  const failing = db.begin(async (tx) => {
    await tx`DELETE FROM t`;
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await db`SELECT count(*) AS n FROM t`).toEqual([{ n: 3 }]);
  await expect(db.begin((tx) => tx`SELEC`)).rejects.toThrow('syntax error');
  expect(await db`SELECT count(*) AS n FROM t`).toEqual([{ n: 3 }]);
});

test('a tag of a transaction that has ended', async () => {
  const tag = await sql.begin((tx) => ({ tx }));
  await expect(tag.tx`SELECT 1`).rejects.toThrow('The transaction has ended.');
});

test('an aborted command ends: while it runs, between rows, before it begins', async () => {
  const aborted = expect.objectContaining({ name: 'AbortError', code: 'ABORT_ERR' });
  const running = async () => (await owin.runtime.stats()).functions.running;
  const controller = new AbortController();
  const endless = sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c`;
  const outcome = expect(endless.with({ signal: controller.signal })).rejects.toEqual(aborted);
  await expect.poll(running).toBe(1);
  controller.abort(new Error('enough'));
  await outcome;
  await expect.poll(running).toBe(0);

  const second = new AbortController();
  const reading = (async () => {
    for await (const {
      n,
    } of sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c`.with({
      signal: second.signal,
    }))
      if (n === 100) second.abort();
  })();
  await expect(reading).rejects.toEqual(aborted);
  await expect(sql`SELECT 1`.with({ signal: AbortSignal.abort() })).rejects.toEqual(aborted);
});

test('a command is aborted also while its database is being opened', async () => {
  await using own = memory();
  let opened = false;
  own.ready.then(() => {
    opened = true;
  });
  const controller = new AbortController();
  const rows = own`SELECT 1`.with({ signal: controller.signal }).execute();
  controller.abort();
  await expect(rows).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
  expect(opened).toBe(false);
});

test('errors are those of the provider, with its codes', async () => {
  await expect(sql`SELEC`).rejects.toMatchObject({
    name: 'Microsoft.Data.Sqlite.SqliteException',
    sqliteErrorCode: 1,
  });
  await expect(sql`INSERT INTO items (id) VALUES (1)`).rejects.toMatchObject({
    sqliteErrorCode: 1555,
  });
  const nowhere = owin.sql({ connectionString: 'Data Source=/nonexistent/folder/x.db' });
  await expect(nowhere.ready).rejects.toMatchObject({ sqliteErrorCode: 14 });
  await expect(nowhere`SELECT 1`).rejects.toMatchObject({ sqliteErrorCode: 14 });
  await nowhere.close();
});

test('a provider without what it needs', async () => {
  const alone = path.join(folder, 'Microsoft.Data.Sqlite.dll');
  copyFileSync(microsoft, alone);
  const { ready } = owin.sql({ provider: alone, connectionString: 'Data Source=:memory:' });
  await expect(ready).rejects.toThrow(
    /Microsoft\.Data\.Sqlite\.dll needs SQLitePCLRaw\.core, which is not beside it\. .*dotnet publish/,
  );
});

test('a connection string that is none', async () => {
  const open = (connectionString: string) => owin.sql({ connectionString }).ready;
  await expect(open('Dat Source=x')).rejects.toMatchObject({ name: 'System.ArgumentException' });
  await expect(open('x')).rejects.toMatchObject({ name: 'System.ArgumentException' });
});

test('a value that cannot cross is named', async () => {
  await expect(sql`SELECT ${Symbol('s')}`).rejects.toThrow(/symbol/);
});

test.each([
  [{ connectionStrin: 'x' }, /Did you mean 'connectionString'\?/],
  [{}, /needs the option connectionString/],
  [{ connectionString: 'x', provider: 7 }, /The option 'provider' of owin\.sql\(\) takes a string/],
])('owin.sql(%j) is wrong', (options, words) => {
  expect(() => owin.sql(options as never)).toThrow(words);
});

test('a provider that is none', async () => {
  const open = (provider: string) =>
    owin.sql({ provider, connectionString: 'Data Source=:memory:' }).ready;
  await expect(open('Npgsq')).rejects.toThrow(/There is no assembly .*Npgsq/);
  await expect(open(appPath('Typed'))).rejects.toThrow(/has no public DbProviderFactory/);
  await expect(open(import.meta.filename)).rejects.toThrow(/sql\.test\.ts is not an assembly/);
  const factory = 'Microsoft.Data.Sqlite.SqliteFactry';
  const wrong = { provider: microsoft, factory, connectionString: 'Data Source=:memory:' };
  await expect(owin.sql(wrong).ready).rejects.toThrow(
    /has no factory Microsoft\.Data\.Sqlite\.SqliteFactry\. It has: Microsoft\.Data\.Sqlite\.SqliteFactory\./,
  );
});

test('a database in memory is one for all its commands, and gone when it is closed', async () => {
  const db = memory();
  await db`CREATE TABLE t (n)`;
  await Promise.all(Array.from({ length: 20 }, (_, i) => db`INSERT INTO t VALUES (${i})`));
  expect(await db`SELECT count(*) AS n FROM t`).toEqual([{ n: 20 }]);
  await db.close();
  await expect(db`SELECT 1`).rejects.toMatchObject({ code: 'ERR_OWIN_FUNCTION_CLOSED' });
  await using other = memory();
  expect(await other`SELECT name FROM sqlite_master`).toEqual([]);
});

test('close ends what is being read', async () => {
  const db = memory();
  const iterator =
    db`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c`[
      Symbol.asyncIterator
    ]();
  await iterator.next();
  await db.close();
  const reading = (async () => {
    while (!(await iterator.next()).done);
  })();
  await expect(reading).rejects.toThrow(/closed/);
});

test('what a transaction failed of is told also where it cannot be rolled back', async () => {
  const db = memory();
  const failed = db.begin(async () => {
    await db.close();
    throw new Error('the first');
  });
  await expect(failed).rejects.toThrow('the first');
});

test('close() does not wait for a command that would never end, nor for one that begins meanwhile', async () => {
  for (let turns = 0; turns < 20; turns++) {
    const db = memory();
    await db.ready;
    const rows = db`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`;
    const ended = expect(rows).rejects.toThrow();
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    await db.close();
    await ended;
  }
});

test('rows that were iterated by hand and dropped let their connection go', async () => {
  await sql`CREATE TABLE many AS
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n`;
  const first = async () => (await sql`SELECT i FROM many`[Symbol.asyncIterator]().next()).value;
  expect(await first()).toEqual({ i: 1 });
  // A reader of what was before holds up who would empty the journal.
  await sql`INSERT INTO many VALUES (0)`;
  const busy = async () => (await sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`)[0]?.busy;
  expect(await busy()).toBe(1);
  await expect
    .poll(
      () => {
        collectGarbage();
        return busy();
      },
      { timeout: 20_000 },
    )
    .toBe(0);
});
