import { unlessAborted } from '../functions/call-errors.ts';
import { Cursor } from './cursor.ts';
import { type Batch, type Database, describeErrors } from './database.ts';
import { Command, type Template } from './template.ts';

/** A database that .NET has opened. */
export interface Opened {
  database: Database;
  number: number;
  quotes: readonly [string, string];
}

let lastNumber = 0;

/** A number for a transaction or a cursor; .NET knows it before the beginning is done. */
export const nextNumber = (): number => ++lastNumber;

/** What commands run on: a database, each on a connection of its own, or one transaction. */
export class Connection {
  readonly #opened: () => Promise<Opened>;
  readonly #transaction: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param transaction its number; 0: none */
  constructor(opened: () => Promise<Opened>, transaction: number) {
    this.#opened = opened;
    this.#transaction = transaction;
  }

  /** Runs one piece of work after the other, within a transaction. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#transaction === 0) return work();
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** When the work that was begun in turn has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** Runs a command up to its first rows. */
  async open(template: Template, signal: AbortSignal | undefined): Promise<Cursor> {
    const { database, number, quotes } = await unlessAborted(this.#opened(), signal);
    const command = new Command(quotes);
    template.appendTo(command);
    const cursor = nextNumber();
    const options = signal ? [{ signal }] : [];
    const { text, values } = command;
    const close = () => database.CloseCursor(number, cursor);
    // Of what is aborted .NET may have opened it all the same.
    const guarded = async (batch: Promise<Batch>) => {
      try {
        return await describeErrors(batch);
      } catch (error) {
        if (signal?.aborted) await close();
        throw error;
      }
    };
    const first = await guarded(
      database.Execute(number, this.#transaction, cursor, text, values, ...(options as [])),
    );
    const next = () => guarded(database.Next(number, cursor, ...(options as [])));
    return new Cursor({ next, close }, first);
  }
}
