import path from 'node:path';
import { OwinError } from '../errors.ts';
import { checkInt64 } from '../functions/bound.ts';
import { checkOptions } from '../hosting/options.ts';
import { Connection, nextNumber, type Opened } from './connection.ts';
import { bindDatabase, describeErrors, type Int64 } from './database.ts';
import { Query, type Row } from './query.ts';
import { checkTemplate, Identifier, List, type Part } from './template.ts';

/** Which database. */
export interface SqlOptions {
  /**
   * `'sqlite'`, or the path of the assembly of an ADO.NET provider, `Npgsql.dll` for one, with what it needs beside it;
   * relative ones are resolved from the current directory. Default `'sqlite'`.
   */
  provider?: string;
  /** Full name of the type derived from DbProviderFactory, where the assembly has several. Default: the only one. */
  factory?: string;
  /** As the provider takes it: `'Data Source=shop.db'`. */
  connectionString: string;
  /** `'bigint'`: 64-bit integers always come as bigint. Default `'number'`: only where no number is the same. */
  int64?: Int64;
}

/** What was opened. */
export interface SqlInfo {
  /** Namespace of the provider. */
  provider: string;
}

/** How a transaction runs. */
export interface TransactionOptions {
  /** Default: the provider's choice. */
  isolation?: (typeof isolations)[number];
}

const isolations = [
  'readUncommitted',
  'readCommitted',
  'repeatableRead',
  'serializable',
  'snapshot',
] as const;

/** Commands as tagged templates. Text is what stands in the program; every value becomes a parameter. */
export interface SqlTag {
  /**
   * A command, which runs when it is awaited or iterated.
   *
   *     const [order] = await sql`SELECT * FROM orders WHERE id = ${id}`;
   *     for await (const row of sql`SELECT * FROM log`) …
   *
   * @throws OwinError `ERR_OWIN_OPTION` where it is called with anything but a template
   */
  <R extends object = Row>(strings: TemplateStringsArray, ...values: unknown[]): Query<R>;
  /** The name of a table or column, in quotes; several: a name of several parts. For names that are no values. */
  identifier(...names: string[]): Part;
  /** Values in parentheses, each a parameter: `WHERE id IN ${sql.list(ids)}`. */
  list(values: Iterable<unknown>): Part;
}

/** A database. */
export interface Sql extends SqlTag, AsyncDisposable {
  /** Connected for the first time. Rejects with the provider's error. */
  readonly ready: Promise<SqlInfo>;
  /**
   * Runs commands as a transaction: committed when `work` has ended, rolled back when it has thrown.
   *
   * @param work gets the transaction's own tag; the database's runs outside of it
   */
  begin<T>(work: (sql: SqlTag) => T | Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Ends what runs, and closes all connections. */
  close(): Promise<void>;
}

/**
 * Opens a database by ADO.NET. Connecting begins at once and in the background.
 *
 * @throws OwinError `ERR_OWIN_OPTION` for wrong options; the provider's errors, with `sqlState` where it has one, come
 * from `ready` and from commands
 */
export function createSql(options: SqlOptions): Sql {
  checkOptions('owin.sql()', options, {
    provider: 'string',
    factory: 'string',
    connectionString: 'string',
    int64: checkInt64,
  });
  if (typeof options.connectionString !== 'string')
    throw new OwinError('ERR_OWIN_OPTION', 'owin.sql() needs the option connectionString.');
  let closing: Promise<void> | undefined;
  const opening = open(options);
  const opened = async () => {
    if (closing) throw new OwinError('ERR_OWIN_FUNCTION_CLOSED', 'The database was closed.');
    return opening;
  };
  const close = () =>
    (closing ??= opening.then(
      ({ database, number }) => database.Close(number),
      () => {},
    ));
  const ready = opening.then(({ provider }) => ({ provider }));
  ready.catch(() => {});
  return Object.assign(tag(new Connection(opened, 0)), {
    ready,
    begin: async <T>(work: (sql: SqlTag) => T | Promise<T>, options: TransactionOptions = {}) => {
      checkOptions('sql.begin()', options, { isolation: isIsolation });
      return transact(await opened(), options.isolation ?? '', work);
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}

const isIsolation = (value: unknown): string | undefined =>
  isolations.includes(value as (typeof isolations)[number])
    ? undefined
    : `one of ${isolations.join(', ')}`;

async function open(options: SqlOptions): Promise<Opened & SqlInfo> {
  const { provider = 'sqlite', factory = '', connectionString, int64 = 'number' } = options;
  const database = bindDatabase(int64);
  const assembly = provider === 'sqlite' ? '' : path.resolve(provider);
  const [number, name, before, behind] = await describeErrors(
    database.Open(assembly, factory, connectionString),
  );
  return { database, number, provider: name, quotes: [before, behind] };
}

async function transact<T>(
  opened: Opened,
  isolation: string,
  work: (sql: SqlTag) => T | Promise<T>,
): Promise<T> {
  const { database, number } = opened;
  const transaction = nextNumber();
  await describeErrors(database.Begin(number, transaction, isolation));
  const connection = new Connection(async () => opened, transaction);
  try {
    const result = await work(tag(connection));
    await connection.idle();
    await describeErrors(database.End(number, transaction, true));
    return result;
  } catch (error) {
    try {
      await connection.idle();
      await database.End(number, transaction, false);
    } catch {
      // Why it was to be rolled back says more than why that failed.
    }
    throw error;
  }
}

function tag(connection: Connection): SqlTag {
  const make = <R extends object>(strings: TemplateStringsArray, ...values: unknown[]) => {
    checkTemplate(strings);
    return new Query<R>(connection, strings, values);
  };
  return Object.assign(make, {
    identifier: (...names: string[]) => new Identifier(names),
    list: (values: Iterable<unknown>) => new List(values),
  });
}
