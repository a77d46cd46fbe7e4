using Owin.Host.Functions.Codecs;

namespace Owin.Host.Functions;

/// <summary>
/// An async iterable of .NET's as JavaScript reads it: <see cref="Pull" /> gives the next items, those that are there
/// without waiting, up to a count; 0 ends it early.
/// <para>Threads: one at a time: JavaScript asks for the next when it has the last. An end may come meanwhile.</para>
/// </summary>
internal sealed class NetIterable<T> : IDisposable
{
    readonly CancellationTokenSource ending = new();
    readonly IAsyncEnumerable<T> items;
    IAsyncEnumerator<T>? enumerator;
    Task pulling = Task.CompletedTask;

    // A step that had not ended when the items before it left.
    Task<bool>? ahead;

    public NetIterable(IAsyncEnumerable<T> items)
    {
        this.items = items;
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
        var pulled = Next(count);
        pulling = pulled;
        return pulled;
    }

    async Task<Batch<T>> Next(int count)
    {
        var list = new List<T>();
        try
        {
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
        ending.Cancel();
        _ = Leave();
    }

    // An enumerator is not disposed of while it moves.
    async Task Leave()
    {
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
            await End().ConfigureAwait(false);
            (items as IDisposable)?.Dispose();
        }
        catch (Exception error)
        {
            UnhandledExceptions.Post(error);
        }
    }
}
