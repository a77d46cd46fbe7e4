using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;

namespace Owin.Host.Sql;

/// <summary>
/// What src/sql calls. A database is known by the number that Open gives; transactions and cursors by numbers that
/// JavaScript chooses, each of its own, so that one can be closed whose beginning was aborted.
/// <para>Threads: any. The calls for one transaction or cursor come one after the other, but for Close.</para>
/// </summary>
public static class Database
{
    static readonly ConcurrentDictionary<int, Source> sources = new();
    static int lastNumber;

    /// <param name="provider">Path of an assembly with a DbProviderFactory; empty: SQLite.</param>
    /// <param name="factory">Full name of the factory's type; empty: the only one there is.</param>
    /// <returns>Number, the provider's name, and how a name of a table begins and ends.</returns>
    public static async Task<object[]> Open(
        string provider,
        string factory,
        string connectionString,
        CancellationToken closing
    )
    {
        var source = await Connect(provider, factory, connectionString, closing);
        int number = Interlocked.Increment(ref lastNumber);
        sources[number] = source;
        // The JavaScript environment may end without a word.
        source.ClosesAt(closing.Register(() => _ = Close(number)));
        var (prefix, suffix) = source.Quotes;
        return [number, source.Provider, prefix, suffix];
    }

    static async Task<Source> Connect(
        string provider,
        string factory,
        string connectionString,
        CancellationToken closing
    )
    {
        try
        {
            return await Errors.Describe(Source.Open(Providers.Find(provider, factory), connectionString, closing));
        }
        catch (Exception error) when (Providers.MissingAssembly(error) is { } missing)
        {
            throw Providers.Incomplete(provider, missing, error);
        }
    }

    public static async Task Close(int database)
    {
        if (sources.TryRemove(database, out var source))
            await source.DisposeAsync();
    }

    /// <param name="isolation">A name of <see cref="IsolationLevel" />; empty: the provider's choice.</param>
    public static Task Begin(int database, long transaction, string isolation, CancellationToken cancellation) =>
        Errors.Describe(Find(database).Begin(transaction, Isolation(isolation), cancellation));

    /// <param name="commit">Whether to commit; else it is rolled back.</param>
    public static Task End(int database, long transaction, bool commit, CancellationToken cancellation) =>
        Errors.Describe(Find(database).End(transaction, commit, cancellation));

    /// <summary>Runs a command. The first rows come at once; where there are more, Next has them.</summary>
    /// <param name="transaction">0: none.</param>
    /// <param name="values">Those of the parameters <c>@p0</c> and so on.</param>
    /// <returns>A <see cref="Batch" />.</returns>
    public static Task<object?[]> Execute(
        int database,
        long transaction,
        long cursor,
        string sql,
        IReadOnlyList<object?> values,
        CancellationToken cancellation
    ) => Errors.Describe(Find(database).Execute(transaction, cursor, sql, values, cancellation));

    /// <returns>A <see cref="Batch" />.</returns>
    public static Task<object?[]> Next(int database, long cursor, CancellationToken cancellation) =>
        Errors.Describe(Find(database).Next(cursor, cancellation));

    /// <summary>Lets a cursor go before its end.</summary>
    public static async Task CloseCursor(int database, long cursor)
    {
        if (sources.TryGetValue(database, out var source))
            await source.CloseCursor(cursor);
    }

    static Source Find(int database) =>
        sources.TryGetValue(database, out var source)
            ? source
            : throw new ObjectDisposedException(null, "The database was closed.");

    static IsolationLevel Isolation(string name) =>
        name.Length == 0 ? IsolationLevel.Unspecified : Enum.Parse<IsolationLevel>(name, ignoreCase: true);
}
