namespace Owin.Host.Http;

/// <summary>The response half: start, writes, completion.</summary>
internal sealed partial class Exchange
{
    readonly bool isHead;
    List<(Action<object> Callback, object State)>? sendingHeaders;
    long contentLength = -1;
    long written;
    long unsent;
    bool overrun;
    bool noBody;

    /// <summary><c>server.OnSendingHeaders</c>.</summary>
    public void OnSendingHeaders(Action<object> callback, object state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (gate)
        {
            if (this.state is not (State.Received or State.Running))
                throw new InvalidOperationException("The response has started: its headers have been sent.");
            (sendingHeaders ??= []).Add((callback, state));
        }
    }

    /// <summary>
    /// Starts the response where it has not started, and sends what fits into the window. Throws before anything
    /// leaves when the bytes are more than the response may have.
    /// </summary>
    public void BeginWrite(ReadOnlySpan<byte> bytes, out int sent)
    {
        sent = 0;
        if (state == State.Running)
            sent = StartResponse(bytes, end: false);
        else
            CheckWrite(bytes.Length);
        if (sent < bytes.Length)
            sent += Send(bytes[sent..]);
    }

    // Returns how many of the first bytes went out with the head. `fileBytes` are to follow them.
    int StartResponse(ReadOnlySpan<byte> first, bool end, long fileBytes = 0)
    {
        RunSendingHeaders();
        var head = view!.ReadResponseHead();
        long begun = first.Length + fileBytes;
        if (begun > 0)
            CheckLength(begun, head.HasNoBody, head.ContentLength);
        if (end)
            CheckComplete(0, head.HasNoBody || isHead, head.ContentLength);
        var user = NewUser();
        lock (gate)
        {
            if (state != State.Running)
            {
                CheckWriteLocked(begun);
                return 0;
            }
            view.LockResponse();
            state = end ? State.Completed : State.Started;
            contentLength = head.ContentLength;
            noBody = head.HasNoBody;
            written = begun;
            var inline = isHead || first.Length > FrameLimits.InlineBytes ? default : first;
            int sent = isHead ? first.Length : inline.Length;
            window -= inline.Length;
            unsent = begun - sent;
            if (end)
                EndBodies(null);
            PostUser(user);
            FrameWriter.Response(this, head, end ? ResponseFlags.End : 0, inline);
            head.Trim();
            return sent;
        }
    }

    // Last registered first. Each runs once, also when one throws and the app starts the response again.
    void RunSendingHeaders()
    {
        while (true)
        {
            (Action<object> Callback, object State) next;
            lock (gate)
            {
                if (sendingHeaders is not { Count: > 0 })
                    return;
                next = sendingHeaders[^1];
                sendingHeaders.RemoveAt(sendingHeaders.Count - 1);
            }
            next.Callback(next.State);
        }
    }

    /// <summary>
    /// The app has written all of its response. What it did wrong makes it fail. Nothing happens where it is over already.
    /// </summary>
    public void Complete()
    {
        Returned(failed: false);
        if (upgrade != null && CompleteUpgrade())
            return;
        try
        {
            if (state == State.Running)
            {
                // What is wrong with them must show while a 500 is possible.
                bool trailers = view!.ReadTrailers() != null;
                StartResponse(default, end: !trailers);
            }
            // A callback may have started it meanwhile, or a write that the app did not wait for.
            EndResponse();
        }
        catch (Exception error)
        {
            Fail(error);
            return;
        }
        if (state == State.Completed)
            Leave();
    }

    void EndResponse()
    {
        var user = NewUser();
        lock (gate)
        {
            if (state != State.Started)
                return;
            if (overrun)
                throw new OwinException(ErrorCodes.Response, "The app wrote more bytes than its Content-Length says.");
            if (unsent > 0)
                throw new OwinException(
                    ErrorCodes.Response,
                    $"The app did not wait for its last write, or cancelled one: {unsent} of {written} bytes are missing."
                );
            CheckComplete(written, noBody || isHead, contentLength);
            var trailers = view!.ReadTrailers();
            state = State.Completed;
            EndBodies(null);
            PostUser(user);
            if (trailers is { HeadersLength: > 0 })
                FrameWriter.Trailers(this, trailers);
            else
                FrameWriter.Signal(this, ToJs.ResponseEnd);
        }
    }

    void CheckWrite(long length)
    {
        lock (gate)
            CheckWriteLocked(length);
    }

    void CheckWriteLocked(long length)
    {
        ThrowIfNotStarted();
        if (length == 0)
            return;
        try
        {
            CheckLength(written + length, noBody, contentLength);
        }
        catch
        {
            overrun = !noBody;
            throw;
        }
        written += length;
        unsent += length;
    }

    void ThrowIfNotStarted()
    {
        switch (state)
        {
            case State.Started:
                return;
            case State.Aborted:
                throw new IOException(AbortMessage);
            case State.Upgraded:
                throw new InvalidOperationException("The connection has been upgraded: there is no response body.");
            case State.Continued:
                throw new InvalidOperationException("The response belongs to the handlers behind 'node.Next'.");
            default:
                throw new ObjectDisposedException(OwinKeys.OwinResponseBody, "The response is complete.");
        }
    }

    void CheckLength(long total, bool noBody, long contentLength)
    {
        if (noBody)
            throw new InvalidOperationException("A response of this status cannot have a body.");
        if (contentLength >= 0 && total > contentLength && !isHead)
            throw new InvalidOperationException(
                $"The body has more bytes than its Content-Length says: {total} instead of {contentLength}."
            );
    }

    static void CheckComplete(long total, bool withoutBody, long contentLength)
    {
        if (!withoutBody && contentLength > total)
            throw new OwinException(
                ErrorCodes.Response,
                $"The body has fewer bytes than its Content-Length says: {total} instead of {contentLength}."
            );
    }
}
