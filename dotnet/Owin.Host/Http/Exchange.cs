using Owin.Host.Functions;
using Owin.Host.Hosting;

namespace Owin.Host.Http;

/// <summary>
/// One request and its response.
/// <code>
///   received ──Execute──► running ──StartResponse──► started ──Complete──► completed
///      │                    │ └─────StartResponse(end)─────────────────────►─┘
///      │                    ├──Next──► continued, to the end: NextDone (failed: aborted), Abort
///      │                    ├──SwitchProtocols──► upgraded ──EndUpgraded──► completed
///      └──Abort, GiveUp─────┴─Abort, GiveUp, Fail, Disconnect, Reset (also from started, upgraded)──► aborted
/// </code>
/// What may arrive, and what is done with it elsewhere:
/// <list type="table">
/// <item>request body frames: until completed or aborted; later ones find no exchange and are dropped</item>
/// <item>responseCredit: running, started, upgraded; dropped otherwise</item>
/// <item>upgraded: upgraded only, once; it completes the handshake</item>
/// <item>abort: received, running, started, upgraded, answered by <c>released</c>; continued, when JavaScript's environment
/// closes; after a final frame it finds no exchange</item>
/// <item>nextDone: continued only; it ends the exchange on both sides</item>
/// </list>
/// <para>
/// Threads: the app's for the response, the pump for frames. <c>gate</c> guards state and credit; under it frames are
/// posted, so their order is the order of states, and no code of the app runs.
/// </para>
/// <para>Invariant: exactly one final frame is posted, and the request body is dropped before it.</para>
/// </summary>
internal sealed partial class Exchange : IThreadPoolWorkItem
{
    enum State
    {
        Received,
        Running,
        Started,
        Continued,
        Upgraded,
        Completed,
        Aborted,
    }

    readonly LoadedApp app;
    readonly int flags;
    volatile State state;
    int abortReason;
    ExchangeView? view;
    CancellationTokenSource? cancellation;
    bool cancelled;

    Exchange(JsEnvironment environment, int slot, int generation, LoadedApp app, int flags, RequestHead head)
    {
        Environment = environment;
        Slot = slot;
        Generation = generation;
        this.app = app;
        this.flags = flags;
        Head = head;
        if ((flags & RequestFlags.HasValues) != 0)
            Values = environment.NextValues;
        isHead = head.IsHead;
        bool attached = (flags & (RequestFlags.BodyConsumed | RequestFlags.BodyAttached)) != 0;
        if (attached || (head.HasBody || (flags & RequestFlags.HasBody) != 0) && !BodyLost)
            RequestBody = new RequestBody(this, attached, kept: (flags & RequestFlags.BodyConsumed) != 0);
    }

    public JsEnvironment Environment { get; }
    public int Slot { get; }
    public int Generation { get; }
    public RequestHead Head { get; }

    /// <summary>What JavaScript gave the request; null: nothing.</summary>
    public RequestValues? Values { get; }

    /// <summary>The connection is TLS.</summary>
    public bool IsSecure => (flags & RequestFlags.Secure) != 0;

    // Any object that is the exchange's alone and that no app sees; one made for it would be paid by every request.
    object gate => Head;
    public LoadedApp App => app;

    /// <summary>Null when the request has none, or none any more. Of an upgraded exchange: what the socket brings.</summary>
    public RequestBody? RequestBody { get; private set; }

    /// <summary>A parser has read the body and kept nothing.</summary>
    public bool BodyLost => (flags & RequestFlags.BodyLost) != 0;
    public bool HasNext => (flags & RequestFlags.HasNext) != 0;

    /// <summary>What the app sees of it. Set once, before the app is called.</summary>
    public ExchangeView View
    {
        set => view = value;
    }

    /// <summary>Takes a request from the pump: refuses it, or hands it to the thread pool.</summary>
    public static void Receive(
        JsEnvironment environment,
        int slot,
        int generation,
        int appId,
        int flags,
        int fieldCount,
        ReadOnlySpan<byte> payload
    )
    {
        var head = RequestHead.Parse(payload, fieldCount, out var refusal);
        var app = environment.FindApp(appId);
        if (head != null && app != null)
        {
            var exchange = new Exchange(environment, slot, generation, app, flags, head);
            environment.Add(exchange);
            if (app.CpuBound)
                FunctionThreads.Queue(exchange, WorkPriority.Normal);
            else
                ThreadPool.UnsafeQueueUserWorkItem(exchange, preferLocal: false);
            return;
        }
        var error =
            refusal != null
                ? new OwinException(ErrorCodes.BadRequest, refusal)
                : new OwinException(ErrorCodes.AppClosed, "The app of this handler has been closed.");
        FrameWriter.Error(environment.Id, ToJs.Failed, slot, generation, error);
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (gate)
        {
            if (state != State.Received)
                return;
            state = State.Running;
        }
        Task task;
        try
        {
            if (app.Output.HasLog)
                app.Output.Enter();
            task = app.Handle(this);
        }
        catch (Exception error)
        {
            Returned(failed: true);
            Fail(error);
            return;
        }
        if (task.IsCompletedSuccessfully)
            Complete();
        else
            FinishAfter(task);
    }

    void Returned(bool failed)
    {
        try
        {
            view?.Returned(failed);
        }
        catch (Exception error)
        {
            // A trace listener's: the request is answered all the same.
            ReportAppError(error);
        }
    }

    void FinishAfter(Task task) => task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Finish(task));

    void Finish(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            Returned(failed: true);
            Fail(
                task.IsCanceled
                    ? new OwinException(ErrorCodes.Cancelled, "The app's Task was cancelled.", error)
                    : error
            );
            return;
        }
        Complete();
    }

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

    void ReportAppError(Exception error) => FrameWriter.Error(Environment.Id, ToJs.AppError, app.Id, 0, error);

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

    // The user to tell JavaScript of, null where that knows it. Not under the gate: a principal may be of the app's code.
    byte[]? NewUser() => view!.HasNewUser(out var user) ? ValueWriter.Write(RequestUser.Write(user), "the user") : null;

    // Under the gate, before a frame after which JavaScript may look at `req.user`.
    void PostUser(byte[]? user)
    {
        if (user == null)
            return;
        view!.UserIsKnown();
        FrameWriter.User(this, user);
    }
}
