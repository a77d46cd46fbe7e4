using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Owin.Host.Sql;

/// <summary>
/// One database: connections from the provider's pool, one for each command outside of transactions and one for each
/// transaction.
/// <para>
/// Threads: any. What begins while it is being closed is closed by whichever sees the other one: a command is known
/// before it looks whether there is an end, and the end is said before it looks for commands.
/// </para>
/// </summary>
internal sealed class Source : IAsyncDisposable
{
    readonly DbDataSource connections;
    readonly ConcurrentDictionary<long, DbTransaction> transactions = new();
    readonly ConcurrentDictionary<long, Cursor> cursors = new();

    volatile bool closed;

    // What closes it at the end of the environment; the token lives longer than this does.
    CancellationTokenRegistration closing;

    // A database in memory lives as long as a connection to it.
    readonly DbConnection? lasting;

    Source(DbProviderFactory factory, DbDataSource connections, DbConnection? lasting)
    {
        this.connections = connections;
        this.lasting = lasting;
        Provider = factory.GetType().Namespace ?? factory.GetType().Name;
        Quotes = FindQuotes(factory);
    }

    public string Provider { get; }

    /// <summary>What stands before and behind a name.</summary>
    public (string Prefix, string Suffix) Quotes { get; }

    /// <summary>That is to be taken back when it is closed.</summary>
    public void ClosesAt(CancellationTokenRegistration registration) => closing = registration;

    /// <summary>Connects once, so that what is wrong is said at once.</summary>
    public static async Task<Source> Open(
        DbProviderFactory factory,
        string connectionString,
        CancellationToken cancellation
    )
    {
        bool inMemory = factory is SqliteFactory && SqliteMemory.TryShare(ref connectionString);
        var connections = factory.CreateDataSource(connectionString);
        var connection = await connections.OpenConnectionAsync(cancellation);
        if (!inMemory)
            await connection.DisposeAsync();
        return new Source(factory, connections, inMemory ? connection : null);
    }

    public async Task Begin(long number, IsolationLevel isolation, CancellationToken cancellation)
    {
        var connection = await connections.OpenConnectionAsync(cancellation);
        try
        {
            transactions[number] = await connection.BeginTransactionAsync(isolation, cancellation);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        Interlocked.MemoryBarrier();
        if (!closed)
            return;
        await End(number, commit: false, CancellationToken.None);
        throw Gone();
    }

    public async Task End(long number, bool commit, CancellationToken cancellation)
    {
        if (!transactions.TryRemove(number, out var transaction))
        {
            if (commit)
                throw new InvalidOperationException("The transaction has ended.");
            return;
        }
        // Gone once the transaction has ended.
        var connection = transaction.Connection;
        try
        {
            if (commit)
                await transaction.CommitAsync(cancellation);
        }
        finally
        {
            // Rolls back where it was not committed.
            await transaction.DisposeAsync();
            if (connection != null)
                await connection.DisposeAsync();
        }
    }

    public async Task<object?[]> Execute(
        long transaction,
        long number,
        string sql,
        IReadOnlyList<object?> values,
        CancellationToken cancellation
    )
    {
        var within = transaction == 0 ? null : Transaction(transaction);
        var connection = within?.Connection ?? await connections.OpenConnectionAsync(cancellation);
        var command = connection.CreateCommand();
        var cursor = cursors[number] = new Cursor(command, ownsConnection: within == null);
        Interlocked.MemoryBarrier();
        try
        {
            if (closed)
                throw Gone();
            command.CommandText = sql;
            command.Transaction = within;
            for (int i = 0; i < values.Count; i++)
                command.Parameters.Add(Values.Parameter(command, $"@p{i}", values[i]));
        }
        catch
        {
            await CloseCursor(number);
            throw;
        }
        return await Advance(number, cursor, cancellation);
    }

    public Task<object?[]> Next(long number, CancellationToken cancellation) =>
        cursors.TryGetValue(number, out var cursor)
            ? Advance(number, cursor, cancellation)
            : throw new ObjectDisposedException(null, "The rows were let go before they were read.");

    public async Task CloseCursor(long number)
    {
        if (cursors.TryRemove(number, out var cursor))
            await cursor.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        closed = true;
        Interlocked.MemoryBarrier();
        closing.Unregister();
        foreach (var number in cursors.Keys)
            await CloseCursor(number);
        foreach (var number in transactions.Keys)
            await End(number, commit: false, CancellationToken.None);
        if (lasting != null)
            await lasting.DisposeAsync();
        await connections.DisposeAsync();
    }

    async Task<object?[]> Advance(long number, Cursor cursor, CancellationToken cancellation)
    {
        try
        {
            var batch = await cursor.Read(cancellation);
            if (batch.IsLast)
                await CloseCursor(number);
            return batch.Fields();
        }
        catch
        {
            await CloseCursor(number);
            throw;
        }
    }

    static ObjectDisposedException Gone() => new(null, "The database was closed.");

    DbTransaction Transaction(long number) =>
        transactions.TryGetValue(number, out var transaction)
            ? transaction
            : throw new InvalidOperationException("The transaction has ended.");

    static (string, string) FindQuotes(DbProviderFactory factory)
    {
        using var builder = factory.CreateCommandBuilder();
        return builder is { QuotePrefix.Length: > 0 } ? (builder.QuotePrefix, builder.QuoteSuffix) : ("\"", "\"");
    }
}
