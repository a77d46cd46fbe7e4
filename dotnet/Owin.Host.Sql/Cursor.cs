using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Owin.Host.Sql;

/// <summary>
/// One command that runs, and its rows in batches: no further row is read before it is asked for.
/// <para>
/// Threads: Read is called by one at a time; DisposeAsync may come meanwhile: it cancels the command, and waits for it.
/// </para>
/// </summary>
internal sealed class Cursor(DbCommand command, bool ownsConnection) : IAsyncDisposable
{
    const int MostRows = 256;
    const long MostBytes = 64 * 1024;
    const int CancelAgainMilliseconds = 100;

    readonly SemaphoreSlim gate = new(1);
    DbDataReader? reader;
    bool inSet;
    bool disposed;

    public async Task<Batch> Read(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            using var interrupt = cancellation.Register(Interrupt);
            return await ReadBatch(cancellation);
        }
        catch (Exception error) when (cancellation.IsCancellationRequested && error is DbException)
        {
            throw new OperationCanceledException(error.Message, error, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    async Task<Batch> ReadBatch(CancellationToken cancellation)
    {
        reader ??= await command.ExecuteReaderAsync(cancellation);
        bool begins = !inSet;
        var columns = begins ? Columns(reader) : null;
        inSet = true;
        var rows = new List<object?>();
        long bytes = 0;
        for (int count = 0; count < MostRows && bytes < MostBytes; count++)
        {
            if (!await reader.ReadAsync(cancellation))
            {
                inSet = false;
                bool more = await reader.NextResultAsync(cancellation);
                return new Batch(columns, rows, EndOfSet: true, IsLast: !more, reader.RecordsAffected);
            }
            for (int i = 0; i < reader.FieldCount; i++)
            {
                var value = Values.Read(reader, i);
                bytes += Values.Size(value);
                rows.Add(value);
            }
        }
        return new Batch(columns, rows, EndOfSet: false, IsLast: false, -1);
    }

    // SQLite's own commands know no Cancel, and no token within a row.
    void Interrupt()
    {
        if (command.Connection is SqliteConnection { Handle: { } handle })
            raw.sqlite3_interrupt(handle);
    }

    static string[] Columns(DbDataReader reader)
    {
        var names = new string[reader.FieldCount];
        for (int i = 0; i < names.Length; i++)
            names[i] = reader.GetName(i);
        return names;
    }

    public async ValueTask DisposeAsync()
    {
        int wait = 0;
        while (!await gate.WaitAsync(wait))
        {
            // A command that runs may never end. One that has not quite begun does not hear of it, so it is told again.
            wait = CancelAgainMilliseconds;
            Interrupt();
            command.Cancel();
        }
        try
        {
            if (disposed)
                return;
            disposed = true;
            var connection = command.Connection;
            // The rest of the rows is not read, which disposing of the reader would do. But in a transaction some
            // databases would let nothing follow a command that was cancelled.
            if (reader is { IsClosed: false } && inSet && ownsConnection)
                command.Cancel();
            if (reader != null)
                await reader.DisposeAsync();
            await command.DisposeAsync();
            if (ownsConnection && connection != null)
                await connection.DisposeAsync();
        }
        finally
        {
            gate.Release();
        }
    }
}

/// <param name="Columns">Names, at the beginning of a result set.</param>
/// <param name="Values">Of all rows, one behind the other.</param>
/// <param name="IsLast">There is nothing behind it, and the cursor is closed.</param>
/// <param name="Affected">Rows that the command has changed, once all is read; -1: none.</param>
internal sealed record Batch(string[]? Columns, List<object?> Values, bool EndOfSet, bool IsLast, int Affected)
{
    public object?[] Fields() => [Columns, Values, EndOfSet, IsLast, Affected];
}
