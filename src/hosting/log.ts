import { readError } from '../errors.ts';

/** How much an entry matters, in the names of pino's levels. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Something that an app has written or logged. `docs/logs.md` says what becomes which entry. */
export interface LogEntry {
  /** As the app has logged it; of what it writes to the console `info`, or `error` for stderr. */
  level: LogLevel;
  /** `stdout`, `stderr`, `trace`, `host.TraceOutput`, `owin` for this package's own, or the name of the app's logger. */
  category: string;
  /** The text, without the line end behind it. */
  message: string;
  /** What it was logged in, the outermost first: the scopes of an ILogger of ASP.NET Core. */
  scopes?: string[];
  /** What was logged with it: an error with the .NET type as `name`, and its stack. */
  exception?: Error;
}

/** Gets what an app writes and logs, in its order. */
export type Log = (entry: LogEntry) => void;

/**
 * Hands the entries of a `log` frame on. What `log` throws is thrown by itself, and costs no other entry. Entries
 * behind one that is damaged are dropped.
 *
 * @param fields as dotnet/Owin.Host/Hosting/LogQueue.cs writes them
 */
export function deliver(log: Log, [dropped, ...fields]: string[]): void {
  let scopes: string[] = [];
  for (let at = 0; at + 4 <= fields.length; ) {
    const [level, category, message, count] = fields.slice(at, at + 4) as [
      LogLevel,
      string,
      string,
      string,
    ];
    const end = at + 4 + Number(count);
    if (!(end >= at + 4)) break;
    if ((level as string) === 'scope') {
      scopes.push(message);
      at = end;
      continue;
    }
    const entry: LogEntry = { level, category, message };
    if (scopes.length > 0) entry.scopes = scopes;
    scopes = [];
    if (end > at + 4) entry.exception = readError(fields.slice(at + 4, end));
    call(log, entry);
    at = end;
  }
  if (Number(dropped) > 0) call(log, droppedEntry(Number(dropped)));
}

function call(log: Log, entry: LogEntry): void {
  try {
    log(entry);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

const droppedEntry = (count: number): LogEntry => ({
  level: 'warn',
  category: 'owin',
  message: `${count} messages of the app are missing here: it wrote faster than they could be taken.`,
});
