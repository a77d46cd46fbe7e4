using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// A stream of JavaScript's as a Stream: read from its start, once. A read that is cancelled leaves what comes to the next
/// one.
/// <para>Threads: one reads at a time; Dispose may come meanwhile, and ends that read.</para>
/// </summary>
internal sealed class JsByteStream : ReadOnlyStream
{
    readonly CancellationTokenSource ending = new();
    readonly IAsyncEnumerator<byte[]> enumerator;
    ReadOnlyMemory<byte> rest;
    Task<bool>? moving;

    public JsByteStream(IAsyncEnumerable<byte[]> chunks) => enumerator = chunks.GetAsyncEnumerator(ending.Token);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        while (rest.IsEmpty)
        {
            cancel.ThrowIfCancellationRequested();
            moving ??= enumerator.MoveNextAsync().AsTask();
            bool moved = await moving.WaitAsync(cancel).ConfigureAwait(false);
            if (!moved)
                return 0;
            moving = null;
            rest = enumerator.Current;
        }
        int length = Math.Min(buffer.Length, rest.Length);
        rest[..length].CopyTo(buffer);
        rest = rest[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        if (moving is { } left)
            await ((Task)left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await enumerator.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
