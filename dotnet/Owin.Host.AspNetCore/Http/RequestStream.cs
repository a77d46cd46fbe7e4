using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// <c>HttpRequest.Body</c>: reads the exchange's, within the limits of the request. Once <see cref="Reader"/> has been
/// asked for it reads from there, so that neither misses what the other has looked at.
/// <para>Threads: one reader at a time.</para>
/// </summary>
internal sealed class RequestStream(ExchangeFeatures features, RequestBody? body) : ReadOnlyStream
{
    PipeReader? reader;
    Stream? readerStream;
    long read;

    /// <summary>The app has begun to read: limits cannot be changed any more.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The same bytes as a pipe.</summary>
    public PipeReader Reader => reader ??= PipeReader.Create(new Source(this), new(leaveOpen: true));

    /// <summary>Gives back what the reader holds.</summary>
    public void GiveBack() => reader?.Complete();

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        features.ThrowIfSynchronous("ReadAsync");
        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        reader == null
            ? ReadBody(buffer, cancellationToken)
            : (readerStream ??= reader.AsStream(leaveOpen: true)).ReadAsync(buffer, cancellationToken);

    ValueTask<int> ReadBody(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (body == null)
            return new(0);
        if (!HasBegun)
            Begin();
        var reading = body.ReadAsync(buffer, cancellationToken);
        if (features.MaxRequestBodySize is not { } most)
            return reading;
        return reading.IsCompletedSuccessfully ? new(Count(reading.Result, most)) : CountLater(reading, most);
    }

    void Begin()
    {
        HasBegun = true;
        if (features.RequestHeaders.ContentLength > features.MaxRequestBodySize)
            throw TooLarge(features.MaxRequestBodySize.Value);
    }

    async ValueTask<int> CountLater(ValueTask<int> reading, long most) =>
        Count(await reading.ConfigureAwait(false), most);

    int Count(int bytes, long most)
    {
        read += bytes;
        return read <= most ? bytes : throw TooLarge(most);
    }

    static BadHttpRequestException TooLarge(long most) =>
        new(
            $"Request body too large. The max request body size is {most} bytes.",
            StatusCodes.Status413PayloadTooLarge
        );

    /// <summary>What the reader reads from.</summary>
    sealed class Source(RequestStream stream) : ReadOnlyStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            stream.ReadBody(buffer, cancellationToken);
    }
}
