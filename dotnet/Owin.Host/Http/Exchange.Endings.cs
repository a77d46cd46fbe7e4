namespace Owin.Host.Http;

/// <summary>The ends that are no complete response: aborts, failures, and the token that tells the app.</summary>
internal sealed partial class Exchange
{
    int abortReason;
    CancellationTokenSource? cancellation;
    bool cancelled;

    /// <summary>The response cannot go on; <paramref name="reason" /> is one of <see cref="AbortReason" />.</summary>
    public void Abort(int reason)
    {
        // A client that has the whole body may leave before the app has returned: that is a success.
        bool whole;
        lock (gate)
        {
            if (state is State.Completed or State.Aborted)
                return;
            abortReason = reason;
            var error = new IOException(AbortMessage);
            bool continued = state == State.Continued;
            whole = state == State.Started && contentLength >= 0 && written == contentLength;
            state = State.Aborted;
            EndBodies(error);
            // What has continued JavaScript ends itself.
            if (continued)
                nextWaiter?.TrySetException(error);
            else
                FrameWriter.Signal(this, ToJs.Released);
        }
        Leave();
        if (!whole)
            Cancel();
    }

    /// <summary>
    /// The app ends before its response does, and JavaScript has not asked for it: what has begun is cut off, the rest is
    /// answered 503.
    /// </summary>
    public void GiveUp()
    {
        lock (gate)
        {
            if (state is not (State.Received or State.Running or State.Started or State.Upgraded))
                return;
            bool begun = state is State.Started or State.Upgraded;
            abortReason = AbortReason.HandlerClosing;
            state = State.Aborted;
            var error = new OwinException(ErrorCodes.AppClosed, AbortMessage);
            EndBodies(new IOException(error.Message));
            FrameWriter.Error(
                Environment.Id,
                begun ? ToJs.Aborted : ToJs.Failed,
                Slot,
                Generation,
                begun ? null : error
            );
        }
        Leave();
        Cancel();
    }

    // Why nothing can be read or written any more.
    string AbortMessage =>
        abortReason switch
        {
            AbortReason.HandlerClosing => "The handler has closed, and its time to drain is over.",
            AbortReason.BodyTooLarge => "The request body has more bytes than the limit maxRequestBodySize.",
            AbortReason.RequestTimeout => "The response was not complete within the limit requestTimeout.",
            AbortReason.ReceiveTimeout => "No more of the request body came within the limit receiveTimeout.",
            AbortReason.SendTimeout => "The client took none of the response within the limit sendTimeout.",
            _ => "The client has disconnected.",
        };

    /// <summary><c>common.Disconnect</c>: drops the connection without a response.</summary>
    public void Disconnect() => AbortConnection(null);

    /// <summary>The response could not be completed: its connection has closed, or a limit was exceeded.</summary>
    public bool IsAborted => state == State.Aborted;

    /// <summary>The app failed: an error to Node before the start, a closed connection after it.</summary>
    public void Fail(Exception error)
    {
        if (state == State.Upgraded)
        {
            _ = EndUpgraded(error);
            return;
        }
        bool answered = false;
        lock (gate)
        {
            if (state == State.Running)
            {
                state = State.Completed;
                EndBodies(null);
                FrameWriter.Error(Environment.Id, ToJs.Failed, Slot, Generation, error);
                answered = true;
            }
            else if (state == State.Continued && error != nextFailure)
            {
                ReportAppError(error);
            }
        }
        if (answered)
        {
            Leave();
            Cancel();
        }
        else
        {
            AbortConnection(error);
        }
    }

    void AbortConnection(Exception? error)
    {
        lock (gate)
        {
            if (!BeginAbort())
                return;
            FrameWriter.Error(Environment.Id, ToJs.Aborted, Slot, Generation, error);
        }
        Leave();
        Cancel();
    }

    /// <summary>Ends the response where it is; the client of HTTP/2 sees the error code.</summary>
    public void Reset(int code)
    {
        lock (gate)
        {
            if (!BeginAbort())
                return;
            FrameWriter.Signal(this, ToJs.Reset, code);
        }
        Leave();
        Cancel();
    }

    // Under the gate. False: it is over already.
    bool BeginAbort()
    {
        if (state is not (State.Running or State.Started or State.Upgraded))
            return false;
        state = State.Aborted;
        EndBodies(new IOException("The response has been aborted."));
        return true;
    }

    /// <summary><c>owin.CallCancelled</c>.</summary>
    public CancellationToken CallCancelled
    {
        get
        {
            lock (gate)
            {
                if (cancelled)
                    return new CancellationToken(true);
                cancellation ??= new CancellationTokenSource();
                return cancellation.Token;
            }
        }
    }

    // The token is cancelled at once; its callbacks are the app's and run on the thread pool.
    void Cancel()
    {
        CancellationTokenSource? source;
        lock (gate)
        {
            cancelled = true;
            source = cancellation;
        }
        source
            ?.CancelAsync()
            .ContinueWith(
                (done, self) => ((Exchange)self!).ReportAppError(done.Exception!.InnerException!),
                this,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default
            );
    }

    // Under the gate, before the final frame.
    void EndBodies(Exception? error)
    {
        if (error != null)
        {
            RequestBody?.Fail(error);
            upgrade?.Claimed?.TrySetException(error);
        }
        else
        {
            RequestBody?.Complete();
        }
        ReleaseWriter();
    }

    void Leave()
    {
        Environment.Remove(this);
        Values?.Close();
    }
}
