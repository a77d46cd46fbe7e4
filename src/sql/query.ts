import { checkOptions } from '../hosting/options.ts';
import type { Connection } from './connection.ts';
import { Template } from './template.ts';

/** A row: values by the names of their columns; of several columns with one name the last. */
export type Row = Record<string, unknown>;

/** How one command runs. */
export interface QueryOptions {
  /** Aborts it: what waits for it rejects with an AbortError, and the database is told. */
  signal?: AbortSignal;
}

/**
 * A command that has not run. It runs when it is awaited, for all rows at once, or when its rows or sets are iterated,
 * as they come; each time anew. In another template it is a part of that one.
 */
export class Query<R extends object = Row>
  extends Template
  implements PromiseLike<R[]>, AsyncIterable<R>
{
  readonly #connection: Connection;
  #signal: AbortSignal | undefined;

  /** Made by tagged templates of `owin.sql()`. */
  constructor(connection: Connection, strings: readonly string[], values: readonly unknown[]) {
    super(strings, values);
    this.#connection = connection;
  }

  /**
   * The same command with options.
   *
   * @throws OwinError `ERR_OWIN_OPTION`
   */
  with(options: QueryOptions): Query<R> {
    checkOptions('query.with()', options, {
      signal: (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal'),
    });
    const query = new Query<R>(this.#connection, this.strings, this.values);
    query.#signal = options.signal ?? this.#signal;
    return query;
  }

  /** Runs it, and reads the rows of its first result set to the end. */
  // biome-ignore lint/suspicious/noThenProperty: `await sql`…`` is how commands without many rows are run
  then<A = R[], B = never>(
    fulfilled?: ((rows: R[]) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#whole(({ rows }) => rows).then(fulfilled, rejected);
  }

  /** As of a Promise. */
  catch<B = never>(rejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<R[] | B> {
    return this.then(undefined, rejected);
  }

  /** Runs it, and says how many rows it has changed; -1 where it changes none. */
  execute(): Promise<number> {
    return this.#whole(({ affected }) => affected);
  }

  /** Runs it, and gives the rows of its first result set as they come: the database waits for who reads them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    for await (const rows of this.sets()) {
      yield* rows;
      return;
    }
  }

  /** Runs it, and gives one result set after the other; what is not read of one is passed over. */
  async *sets(): AsyncGenerator<AsyncIterable<R>, void, undefined> {
    await this.#connection.idle();
    const cursor = await this.#connection.open(this, this.#signal);
    try {
      do yield cursor.rows() as AsyncIterable<R>;
      while (await cursor.nextSet());
    } finally {
      await cursor.close();
    }
  }

  // Whole commands of one transaction run one after the other.
  #whole<T>(choose: (outcome: { rows: R[]; affected: number }) => T): Promise<T> {
    return this.#connection.inTurn(async () => {
      const cursor = await this.#connection.open(this, this.#signal);
      try {
        const rows: R[] = [];
        for await (const row of cursor.rows()) rows.push(row as R);
        while (await cursor.nextSet());
        return choose({ rows, affected: cursor.affected });
      } finally {
        await cursor.close();
      }
    });
  }
}
