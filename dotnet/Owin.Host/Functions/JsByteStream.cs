using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>A stream of JavaScript's as a Stream: read from its start, once.</summary>
internal sealed class JsByteStream(IAsyncEnumerable<byte[]> chunks) : ReadOnlyStream
{
    readonly IAsyncEnumerator<byte[]> enumerator = chunks.GetAsyncEnumerator();
    ReadOnlyMemory<byte> rest;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        while (rest.IsEmpty)
        {
            cancel.ThrowIfCancellationRequested();
            if (!await enumerator.MoveNextAsync().ConfigureAwait(false))
                return 0;
            rest = enumerator.Current;
        }
        int length = Math.Min(buffer.Length, rest.Length);
        rest[..length].CopyTo(buffer);
        rest = rest[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override ValueTask DisposeAsync() => enumerator.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            enumerator.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
