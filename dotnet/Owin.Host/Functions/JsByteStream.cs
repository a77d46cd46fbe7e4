namespace Owin.Host.Functions;

/// <summary>A stream of JavaScript's as a Stream: read from its start, once.</summary>
internal sealed class JsByteStream(IAsyncEnumerable<byte[]> chunks) : Stream
{
    readonly IAsyncEnumerator<byte[]> enumerator = chunks.GetAsyncEnumerator();
    ReadOnlyMemory<byte> rest;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) =>
        ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override ValueTask DisposeAsync() => enumerator.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            enumerator.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
