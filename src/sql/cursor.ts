import type { Batch } from './database.ts';
import type { Row } from './query.ts';

/** Where a cursor gets its batches. */
export interface BatchSource {
  next(): Promise<Batch>;
  /** Lets it go before its end. Must not know the cursor: it is called where nobody has that any more. */
  close(): Promise<void>;
}

// Who iterates by hand, and leaves it at that, has nobody who closes it.
const unreachable = new FinalizationRegistry<BatchSource>((source) => {
  source.close().catch(() => {});
});

/**
 * The result sets of one command, one after the other. A batch is asked for when the rows of the one before have been
 * taken, and not before: so the database waits for a slow reader.
 */
export class Cursor {
  readonly #source: BatchSource;
  #batch: Batch;
  #make: (values: unknown[], at: number) => Row;
  #width: number;
  #at = 0;
  #closed = false;

  constructor(source: BatchSource, first: Batch) {
    this.#source = source;
    this.#batch = first;
    const columns = first[0] ?? [];
    this.#width = columns.length;
    this.#make = rowMaker(columns);
    if (!first[3]) unreachable.register(this, source, this);
  }

  /** How many rows the command has changed; known once all is read. */
  get affected(): number {
    return this.#batch[4];
  }

  /** What is left of the present set. */
  async *rows(): AsyncGenerator<Row, void, undefined> {
    while (!this.#closed) {
      const [, values, endOfSet] = this.#batch;
      while (this.#at < values.length) {
        const row = this.#make(values, this.#at);
        this.#at += this.#width;
        yield row;
      }
      if (endOfSet || this.#closed) return;
      await this.#advance();
    }
  }

  /** Goes to the next set, past what is left of this one. False: there is none. */
  async nextSet(): Promise<boolean> {
    while (!this.#batch[2]) await this.#advance();
    if (this.#batch[3]) return false;
    await this.#advance();
    const columns = this.#batch[0] ?? [];
    this.#width = columns.length;
    this.#make = rowMaker(columns);
    return true;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    unreachable.unregister(this);
    if (!this.#batch[3]) await this.#source.close();
  }

  async #advance(): Promise<void> {
    try {
      this.#batch = await this.#source.next();
    } catch (error) {
      this.#closed = true;
      throw error;
    }
    this.#at = 0;
  }
}

// A column may be named __proto__, which an assignment takes for something else.
function rowMaker(columns: string[]): (values: unknown[], at: number) => Row {
  if (columns.includes('__proto__'))
    return (values, at) => Object.fromEntries(columns.map((name, i) => [name, values[at + i]]));
  return (values, at) => {
    const row: Row = {};
    for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[at + i];
    return row;
  };
}
