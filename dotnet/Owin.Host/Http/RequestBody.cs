using System.Buffers;

namespace Owin.Host.Http;

/// <summary>
/// <c>owin.RequestBody</c>: the chunks that have come and nobody has read.
/// <para>
/// The first read grants JavaScript a window of bytes, unless it is a <c>socket</c>, which begins with one; what is read is
/// granted again, so no more than a window is ever held. JavaScript keeps a large chunk's memory until the bytes are granted back, or the exchange is over.
/// </para>
/// <para>
/// Threads: Append, End and Fail on the pump, reads on the app's. The lock is held for one copy at most. A waiting
/// read is only signalled: it copies on its own thread, so a cancelled one leaves no hole.
/// </para>
/// </summary>
internal sealed class RequestBody(Exchange exchange, bool attached, bool socket = false, bool kept = false) : Stream
{
    readonly object gate = new();
    readonly Queue<Chunk> chunks = [];
    int chunkOffset;
    readonly bool credited = !attached;

    // A socket's small chunks are not worth a frame each: JavaScript keeps nothing of them alive.
    readonly bool isSocket = socket;
    bool referenced;
    bool begun = socket;
    bool ended;
    bool closed;
    Exception? failure;
    int consumed;
    TaskCompletionSource? waiter;

    readonly struct Chunk(byte[]? rented, JsBuffer buffer, int length)
    {
        public readonly byte[]? Rented = rented;
        public readonly JsBuffer Buffer = buffer;
        public readonly int Length = length;
    }

    /// <summary>
    /// The app has begun to read what JavaScript does not keep: the handlers behind <c>next</c> would miss a part. A
    /// small body that came along is still there, but whether one does is an accident.
    /// </summary>
    public bool IsTaken
    {
        get
        {
            lock (gate)
                return begun && !kept;
        }
    }

    public override bool CanRead => !closed;
    public override bool CanSeek => false;
    public override bool CanWrite => false;

    /// <summary>A chunk arrived inside its frame.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(rented);
        Append(new Chunk(rented, default, bytes.Length));
    }

    /// <summary>A chunk arrived beside its frame, in memory of JavaScript's.</summary>
    public void Append(JsBuffer buffer) => Append(new Chunk(null, buffer, (int)buffer.Length));

    /// <summary>Nothing more comes.</summary>
    public void End(HeaderDictionary? trailers = null)
    {
        lock (gate)
        {
            Trailers = trailers;
            ended = true;
        }
        Signal();
    }

    /// <summary>All of it has been read, or the exchange is over.</summary>
    public bool IsRead
    {
        get
        {
            lock (gate)
                return (ended || closed) && chunks.Count == 0;
        }
    }

    /// <summary>What came behind the body; null: nothing has.</summary>
    public HeaderDictionary? Trailers { get; private set; }

    /// <summary>What is waiting and what is read from now on fails.</summary>
    public void Fail(Exception error)
    {
        lock (gate)
        {
            failure ??= error;
            Drop();
        }
        Signal();
    }

    /// <summary>The exchange is over; the stream is the app's no more.</summary>
    public void Complete()
    {
        lock (gate)
        {
            closed = true;
            Drop();
        }
        Signal();
    }

    public override int Read(Span<byte> buffer)
    {
        int read;
        while (!TryRead(buffer, out read))
            Waiting().GetAwaiter().GetResult();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        try
        {
            return TryRead(buffer.Span, out int read) ? new(read) : WaitAndReadAsync(buffer, cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<int>(error);
        }
    }

    async ValueTask<int> WaitAndReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read;
        do await Waiting().WaitAsync(cancellationToken).ConfigureAwait(false);
        while (!TryRead(buffer.Span, out read));
        return read;
    }

    public override void Flush() { }

    // Disposing the stream is the app's way to say it has read enough; the exchange drains the rest.
    protected override void Dispose(bool disposing) => Complete();

    public override long Length => throw new NotSupportedException("The request body has no known length.");
    public override long Position
    {
        get => throw new NotSupportedException("The request body is not seekable.");
        set => throw new NotSupportedException("The request body is not seekable.");
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("The request body is not seekable.");

    public override void SetLength(long value) => throw new NotSupportedException("The request body is read-only.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The request body is read-only.");

    void Append(Chunk chunk)
    {
        lock (gate)
        {
            if (closed || failure != null)
            {
                Return(chunk);
                return;
            }
            chunks.Enqueue(chunk);
        }
        Signal();
    }

    // False: there is nothing yet, wait.
    bool TryRead(Span<byte> buffer, out int read)
    {
        int credit = 0;
        bool known;
        lock (gate)
        {
            read = 0;
            ObjectDisposedException.ThrowIf(closed, this);
            if (failure != null)
                throw new IOException(failure.Message, failure);
            while (read < buffer.Length && chunks.TryPeek(out var chunk))
            {
                read += CopyFrom(chunk, buffer[read..]);
                if (chunkOffset < chunk.Length)
                    break;
                referenced |= chunk.Rented == null;
                Return(chunks.Dequeue());
                chunkOffset = 0;
            }
            known = read > 0 || ended || (buffer.IsEmpty && chunks.Count > 0);
            if (credited && !ended)
                credit = CreditFor(read);
            begun = true;
        }
        if (credit > 0)
            FrameWriter.Signal(exchange, ToJs.RequestCredit, credit);
        return known;
    }

    int CopyFrom(Chunk chunk, Span<byte> buffer)
    {
        int length = Math.Min(chunk.Length - chunkOffset, buffer.Length);
        if (chunk.Rented != null)
            chunk.Rented.AsSpan(chunkOffset, length).CopyTo(buffer);
        else
            CopyFromJs(chunk.Buffer, buffer[..length]);
        chunkOffset += length;
        return length;
    }

    unsafe void CopyFromJs(JsBuffer buffer, Span<byte> destination)
    {
        if (!Bridge.Copy(exchange.Environment.Id, buffer.Data + chunkOffset, destination))
            throw new IOException("The JavaScript environment of this request has closed.");
    }

    int CreditFor(int read)
    {
        if (!begun)
        {
            begun = true;
            return FrameLimits.BodyWindow;
        }
        consumed += read;
        if (consumed < FrameLimits.CreditStep && (chunks.Count > 0 || isSocket && !referenced))
            return 0;
        referenced = false;
        int credit = consumed;
        consumed = 0;
        return credit;
    }

    Task Waiting()
    {
        lock (gate)
        {
            if (chunks.Count > 0 || ended || closed || failure != null)
                return Task.CompletedTask;
            waiter ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiter.Task;
        }
    }

    void Signal()
    {
        TaskCompletionSource? waiting;
        lock (gate)
        {
            waiting = waiter;
            waiter = null;
        }
        waiting?.TrySetResult();
    }

    void Drop()
    {
        while (chunks.TryDequeue(out var chunk))
            Return(chunk);
        chunkOffset = 0;
    }

    static void Return(Chunk chunk)
    {
        if (chunk.Rented != null)
            ArrayPool<byte>.Shared.Return(chunk.Rented);
    }
}
