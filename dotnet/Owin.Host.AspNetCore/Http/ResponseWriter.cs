using System.Buffers;
using System.IO.Pipelines;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// <c>HttpResponse.BodyWriter</c>. What is advanced over is kept until a flush; what is written goes straight to the
/// exchange when nothing is kept. A flush waits while a window of bytes is under way to the client. For a client that
/// has gone everything is dropped.
/// <para>Threads: one writer at a time; CancelPendingFlush from any.</para>
/// </summary>
internal sealed class ResponseWriter(ExchangeFeatures features, Exchange exchange) : PipeWriter
{
    const int SmallestBuffer = 4096;

    byte[] buffer = [];
    int length;

    // So many of the kept bytes, from the front, the exchange knows of: a flush was cancelled when it could not send them.
    int begun;
    bool completed;
    volatile bool cancelsFlush;

    public override bool CanGetUnflushedBytes => true;
    public override long UnflushedBytes => length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return buffer.AsMemory(length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return buffer.AsSpan(length);
    }

    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        if ((uint)bytes > (uint)(buffer.Length - length))
            throw new ArgumentOutOfRangeException(nameof(bytes));
        length += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        completed ? new(new FlushResult(isCanceled: false, isCompleted: true)) : WriteAsync(default, cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source,
        CancellationToken cancellationToken = default
    )
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        try
        {
            ThrowIfCompleted();
            if (!features.HasStarted)
            {
                var starting = features.Start();
                if (!starting.IsCompletedSuccessfully)
                    return WriteAfter(starting, source, cancellationToken);
            }
            return Send(source, cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<FlushResult>(error);
        }
    }

    async ValueTask<FlushResult> WriteAfter(Task starting, ReadOnlyMemory<byte> source, CancellationToken cancel)
    {
        await starting.ConfigureAwait(false);
        return await Send(source, cancel).ConfigureAwait(false);
    }

    ValueTask<FlushResult> Send(ReadOnlyMemory<byte> source, CancellationToken cancel)
    {
        try
        {
            bool kept = length > 0;
            if (kept && !source.IsEmpty)
            {
                Keep(source.Span);
                source = default;
            }
            if (begun > 0)
                return SendRest(buffer.AsMemory(0, length), begun, kept, cancel);
            if (kept)
                source = buffer.AsMemory(0, length);
            exchange.BeginWrite(source.Span, out int sent);
            if (sent < source.Length)
                return SendRest(source[sent..], source.Length - sent, kept, cancel);
            length = 0;
            return new(Flushed());
        }
        catch (IOException) when (exchange.IsAborted)
        {
            return new(Gone());
        }
        catch (InvalidOperationException)
        {
            // Refused, and so not sent at the end either: a response of 304 has no body, for one.
            length = 0;
            throw;
        }
    }

    // `rest` is still to be sent, of which the exchange knows the first `known` bytes.
    async ValueTask<FlushResult> SendRest(ReadOnlyMemory<byte> rest, int known, bool kept, CancellationToken cancel)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                int sent;
                if (known > 0)
                {
                    sent = exchange.Send(rest.Span[..known]);
                }
                else
                {
                    exchange.BeginWrite(rest.Span, out sent);
                    known = rest.Length;
                }
                rest = rest[sent..];
                known -= sent;
                if (known == 0)
                    continue;
                await exchange.WaitForCredit().WaitAsync(cancel).ConfigureAwait(false);
                if (cancelsFlush)
                {
                    KeepRest(rest.Span, known, kept);
                    return Flushed();
                }
            }
            length = 0;
            begun = 0;
            return Flushed();
        }
        catch (IOException) when (exchange.IsAborted)
        {
            return Gone();
        }
        catch (OperationCanceledException)
        {
            KeepRest(rest.Span, known, kept);
            throw;
        }
    }

    /// <summary>The flush that waits, or else the next one, returns with what it could not send yet.</summary>
    public override void CancelPendingFlush()
    {
        cancelsFlush = true;
        exchange.WakeWriter();
    }

    FlushResult Flushed()
    {
        if (!cancelsFlush)
            return default;
        cancelsFlush = false;
        return new(isCanceled: true, isCompleted: false);
    }

    public override void Complete(Exception? exception = null) =>
        CompleteAsync(exception).AsTask().GetAwaiter().GetResult();

    /// <summary>Completes the response.</summary>
    public override ValueTask CompleteAsync(Exception? exception = null) => new(features.CompleteBody(exception));

    /// <summary>Sends what is kept; nothing can be written from now on.</summary>
    public async ValueTask End()
    {
        if (length > 0)
            await FlushAsync().ConfigureAwait(false);
        completed = true;
    }

    /// <summary>Gives back the memory; what the app still writes throws.</summary>
    public void GiveBack()
    {
        completed = true;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    void Keep(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    // Those of the caller's memory are copied: it is the caller's again.
    void KeepRest(ReadOnlySpan<byte> rest, int known, bool kept)
    {
        if (kept)
        {
            rest.CopyTo(buffer);
            length = rest.Length;
        }
        else
        {
            Keep(rest);
        }
        begun = known;
    }

    FlushResult Gone()
    {
        length = 0;
        begun = 0;
        return new(isCanceled: false, isCompleted: true);
    }

    void Reserve(int more)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(more);
        if (buffer.Length - length >= Math.Max(more, 1))
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, Math.Max(buffer.Length * 2, length + more)));
        buffer.AsSpan(0, length).CopyTo(larger);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    void ThrowIfCompleted()
    {
        if (completed)
            throw new InvalidOperationException("Writing is not allowed after writer was completed.");
    }
}
