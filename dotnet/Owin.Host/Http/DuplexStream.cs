namespace Owin.Host.Http;

/// <summary>
/// The socket of an upgraded exchange: reads what comes in, zero bytes at its end; a write waits while a window of
/// bytes is under way. Disposing it says that the app needs it no more; the exchange ends the connection.
/// <para>Threads: one reader and one writer at a time, which may be two threads. Dispose from any.</para>
/// </summary>
internal class DuplexStream(Exchange exchange) : Stream
{
    readonly RequestBody incoming = exchange.RequestBody!;
    volatile bool disposed;

    public override bool CanRead => !disposed;
    public override bool CanSeek => false;
    public override bool CanWrite => !disposed;

    public override int Read(Span<byte> buffer) => incoming.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => incoming.Read(buffer, offset, count);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        incoming.ReadAsync(buffer, offset, count, cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        incoming.ReadAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        for (int sent = Send(buffer); sent < buffer.Length; sent += Send(buffer[sent..]))
            Credit().GetAwaiter().GetResult();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        try
        {
            int sent = Send(buffer.Span);
            return sent == buffer.Length ? default : WriteRestAsync(buffer[sent..], cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }
    }

    async ValueTask WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        while (!rest.IsEmpty)
        {
            await Credit().WaitAsync(cancellationToken).ConfigureAwait(false);
            rest = rest[Send(rest.Span)..];
        }
    }

    int Send(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return exchange.SendUpgraded(bytes);
    }

    // The task first: a Dispose from now on completes it.
    Task Credit()
    {
        var credit = exchange.WaitForCredit();
        return disposed ? Task.CompletedTask : credit;
    }

    // What is written is on its way already.
    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        if (disposed)
            return;
        disposed = true;
        incoming.Complete();
        exchange.WakeWriter();
    }

    public override long Length => throw new NotSupportedException("A connection has no length.");
    public override long Position
    {
        get => throw new NotSupportedException("A connection is not seekable.");
        set => throw new NotSupportedException("A connection is not seekable.");
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("A connection is not seekable.");

    public override void SetLength(long value) => throw new NotSupportedException("A connection has no length.");
}
