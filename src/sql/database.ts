import path from 'node:path';
import { createFunction, type DotnetFunction, type FunctionOptions } from '../functions/func.ts';
import { bridgeDirectory } from '../hosting/bridge.ts';

/** One batch of rows: dotnet/Owin.Host.Sql/Cursor.cs makes it. */
export type Batch = [
  columns: string[] | null,
  values: unknown[],
  endOfSet: boolean,
  isLast: boolean,
  affected: number,
];

/** The methods of dotnet/Owin.Host.Sql/Database.cs. */
export interface Database {
  Open: DotnetFunction<[string, string, string], [number, string, string, string]>;
  Close: DotnetFunction<[number], void>;
  Begin: DotnetFunction<[number, number, string], void>;
  End: DotnetFunction<[number, number, boolean], void>;
  Execute: DotnetFunction<[number, number, number, string, unknown[]], Batch>;
  Next: DotnetFunction<[number, number], Batch>;
  CloseCursor: DotnetFunction<[number, number], void>;
}

/** How 64-bit integers come. */
export type Int64 = NonNullable<FunctionOptions['int64']>;

const databases = new Map<Int64, Database>();

/** The methods, bound when the first one is asked for and kept as long as the environment lives. */
export function bindDatabase(int64: Int64): Database {
  const known = databases.get(int64);
  if (known) return known;
  const assembly = path.join(bridgeDirectory, 'sql', 'Owin.Host.Sql.dll');
  const bind = (name: string) =>
    createFunction(assembly, `Owin.Host.Sql.Database.${name}`, { int64 });
  const database: Database = {
    Open: bind('Open'),
    Close: bind('Close'),
    Begin: bind('Begin'),
    End: bind('End'),
    Execute: bind('Execute'),
    Next: bind('Next'),
    CloseCursor: bind('CloseCursor'),
  };
  for (const { ready } of Object.values(database)) ready.catch(() => {});
  databases.set(int64, database);
  return database;
}

/** What providers know of an error, as properties of it: `sqlState`, `sqliteErrorCode`, `isTransient`. */
export async function describeErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { data } = error as { data?: Record<string, string> };
    if (data?.['SqlState']) hide(error, 'sqlState', data['SqlState']);
    if (data?.['SqliteErrorCode']) hide(error, 'sqliteErrorCode', Number(data['SqliteErrorCode']));
    if (data?.['IsTransient']) hide(error, 'isTransient', data['IsTransient'] === 'True');
    throw error;
  }
}

const hide = (error: unknown, name: string, value: unknown): unknown =>
  Object.defineProperty(error, name, { value, configurable: true, writable: true });
