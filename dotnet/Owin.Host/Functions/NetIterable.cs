using Owin.Host.Functions.Codecs;

namespace Owin.Host.Functions;

/// <summary>
/// An async iterable of .NET's as JavaScript reads it: <see cref="Pull" /> gives the next items, those that are there
/// without waiting, up to a count; 0 ends it early.
/// <para>
/// Threads: one at a time: JavaScript asks for the next when it has the last. An end may come meanwhile, also before a
/// pull that was asked for earlier has begun; <c>gate</c> is held for a look at whether it has.
/// </para>
/// </summary>
internal sealed class NetIterable<T> : IDisposable
{
    readonly object gate = new();
    readonly CancellationTokenSource ending = new();
    readonly IAsyncEnumerable<T> items;
    readonly object unread;
    IAsyncEnumerator<T>? enumerator;
    bool begun;
    bool ended;
    Task pulling = Task.CompletedTask;

    // A step that had not ended when the items before it left.
    Task<bool>? ahead;

    /// <param name="items">What is read.</param>
    /// <param name="source">What is behind them, and is disposed of where nobody has begun to read.</param>
    public NetIterable(IAsyncEnumerable<T> items, object? source = null)
    {
        this.items = items;
        unread = source ?? items;
        Function = new((Func<int, Task<Batch<T>>>)Pull, this);
    }

    /// <summary>What JavaScript calls.</summary>
    public BoundFunction Function { get; }

    Task<Batch<T>> Pull(int count)
    {
        if (count == 0)
        {
            Dispose();
            return Task.FromResult(new Batch<T>(true, []));
        }
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (ended)
                return Task.FromResult(new Batch<T>(true, []));
            pulling = done.Task;
        }
        return Next(count, done);
    }

    async Task<Batch<T>> Next(int count, TaskCompletionSource done)
    {
        try
        {
            return await Next(count).ConfigureAwait(false);
        }
        finally
        {
            done.SetResult();
        }
    }

    async Task<Batch<T>> Next(int count)
    {
        var list = new List<T>();
        try
        {
            begun = true;
            enumerator ??= items.GetAsyncEnumerator(ending.Token);
            var next = ahead ?? enumerator.MoveNextAsync().AsTask();
            while (await next.ConfigureAwait(false))
            {
                list.Add(enumerator.Current);
                ahead = null;
                // The memory of a chunk is used again for the next one.
                if (list.Count == count || typeof(T) == typeof(ReadOnlyMemory<byte>))
                    return new(false, list);
                next = ahead = enumerator.MoveNextAsync().AsTask();
                if (!next.IsCompletedSuccessfully)
                    return new(false, list);
            }
        }
        catch
        {
            await End().ConfigureAwait(false);
            throw;
        }
        await End().ConfigureAwait(false);
        return new(true, list);
    }

    async Task End()
    {
        if (Interlocked.Exchange(ref enumerator, null) is { } left)
            await left.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>JavaScript reads no further.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (ended)
                return;
            ended = true;
        }
        _ = Leave();
    }

    // An enumerator is not disposed of while it moves.
    async Task Leave()
    {
        try
        {
            ending.Cancel();
        }
        catch (Exception error)
        {
            // Of what the app has registered with the token.
            UnhandledExceptions.Post(error);
        }
        try
        {
            await pulling.ConfigureAwait(false);
            if (ahead != null)
                await ahead.ConfigureAwait(false);
        }
        catch
        {
            // Who pulled has heard of it.
        }
        try
        {
            if (begun)
                await End().ConfigureAwait(false);
            else
                await DisposeUnread().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            UnhandledExceptions.Post(error);
        }
    }

    // One that has been read is disposed of by its enumerator.
    async Task DisposeUnread()
    {
        if (unread is IAsyncDisposable later)
            await later.DisposeAsync().ConfigureAwait(false);
        else
            (unread as IDisposable)?.Dispose();
    }
}
