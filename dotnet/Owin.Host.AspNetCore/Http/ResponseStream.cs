using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary><c>HttpResponse.Body</c>. Thin: what is written goes to the <see cref="ResponseWriter"/>.</summary>
internal sealed class ResponseStream(ExchangeFeatures features, ResponseWriter writer) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

    public override void Write(byte[] buffer, int offset, int count)
    {
        features.ThrowIfSynchronous("WriteAsync");
        WriteAsync(buffer, offset, count, default).GetAwaiter().GetResult();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var writing = writer.WriteAsync(buffer, cancellationToken);
        if (!writing.IsCompletedSuccessfully)
            return new(writing.AsTask());
        _ = writing.Result;
        return default;
    }

    public override void Flush()
    {
        features.ThrowIfSynchronous("FlushAsync");
        FlushAsync(default).GetAwaiter().GetResult();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        writer.FlushAsync(cancellationToken).AsTask();
}
