namespace Owin.Host.Http;

/// <summary>
/// <c>owin.ResponseBody</c>. The first Write or Flush, even of zero bytes, starts the response. A write waits while a
/// window of bytes is under way to the client. Thin: the exchange does the work.
/// </summary>
internal sealed class ResponseBody(Exchange exchange) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        exchange.BeginWrite(buffer, out int sent);
        while (sent < buffer.Length)
        {
            exchange.WaitForCredit().GetAwaiter().GetResult();
            sent += exchange.Send(buffer[sent..]);
        }
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
            exchange.BeginWrite(buffer.Span, out int sent);
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
            await exchange.WaitForCredit().WaitAsync(cancellationToken).ConfigureAwait(false);
            rest = rest[exchange.Send(rest.Span)..];
        }
    }

    public override void Flush() => exchange.BeginWrite(default, out _);

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        try
        {
            Flush();
            return Task.CompletedTask;
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The response body is write-only.");

    public override long Length => throw new NotSupportedException("The response body has no known length.");
    public override long Position
    {
        get => throw new NotSupportedException("The response body is not seekable.");
        set => throw new NotSupportedException("The response body is not seekable.");
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("The response body is not seekable.");

    public override void SetLength(long value) =>
        throw new NotSupportedException("Set the Content-Length header instead.");
}
