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
    ExchangeView? view;

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
                exchange.QueueToFunctionThreads();
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

    // JavaScript answers what is too much with 503.
    void QueueToFunctionThreads()
    {
        if (FunctionThreads.TryQueue(this, WorkPriority.Normal))
            return;
        state = State.Running;
        Fail(FunctionThreads.Full());
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

    void ReportAppError(Exception error) => FrameWriter.Error(Environment.Id, ToJs.AppError, app.Id, 0, error);

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
