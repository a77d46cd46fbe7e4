using System.Runtime.CompilerServices;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>One request whose app waits: the test plays the app's part, and ends its Task as it likes.</summary>
sealed class HeldCall
{
    const int Slot = 3;
    const int Generation = 9;

    readonly TaskCompletionSource<IDictionary<string, object>> called = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    readonly TaskCompletionSource ending = new();

    HeldCall() =>
        Node = new FakeNode(environment =>
        {
            called.SetResult(environment);
            return ending.Task;
        });

    public FakeNode Node { get; }
    public FakeInbox Inbox => Node.Inbox;
    public IDictionary<string, object> Env { get; private set; } = null!;

    public Stream RequestBody => (Stream)Env["owin.RequestBody"];
    public Stream ResponseBody => (Stream)Env["owin.ResponseBody"];
    public IDictionary<string, string[]> ResponseHeaders => (IDictionary<string, string[]>)Env["owin.ResponseHeaders"];
    public CancellationToken CallCancelled => (CancellationToken)Env["owin.CallCancelled"];

    public static async Task<HeldCall> Begin(RequestFields? request = null)
    {
        var call = new HeldCall();
        call.Node.Request(request ?? new(), Slot, Generation);
        call.Env = await call.called.Task.InTime();
        // From now on the exchange goes on where the test ends the app's Task, on the test's own thread.
        Assert.True(SpinWait.SpinUntil(() => Continuation(call.ending.Task) != null, TimeSpan.FromSeconds(20)));
        return call;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_continuationObject")]
    static extern ref object? Continuation(Task task);

    /// <summary>A call whose response has started with the headers as they are.</summary>
    public static async Task<HeldCall> BeginStarted(RequestFields? request = null)
    {
        var call = await Begin(request);
        call.ResponseBody.Flush();
        await call.Inbox.Next(ToJs.Response);
        return call;
    }

    /// <summary>A call that has gone on with `next`, and the Task it waits for.</summary>
    public static async Task<(HeldCall Call, Task Next)> BeginContinued()
    {
        var call = await Begin(new() { Flags = RequestFlags.HasNext });
        var next = call.Next();
        await call.Inbox.Next(ToJs.Next);
        return (call, next);
    }

    public void End() => ending.TrySetResult();

    public void Throw(Exception error) => ending.SetException(error);

    public void CancelTask() => ending.SetCanceled();

    public Task Next() => ((Func<IDictionary<string, object>, Task>)Env["node.Next"])(Env);

    public void Disconnect() => ((Action)Env["common.Disconnect"])();

    public void GiveUp() => Node.Environment.GiveUp(Node.App.Id);

    public void OnSendingHeaders(Action<object> callback, object state) =>
        ((Action<Action<object>, object>)Env["server.OnSendingHeaders"])(callback, state);

    // Frames of JavaScript's for this request.
    public void SendBody(params byte[] chunk) => Node.Send(JsFrames.Body(Slot, Generation, chunk));

    public void SendBodyBuffer(byte[] chunk) =>
        Node.Send(JsFrames.BodyBuffer(Slot, Generation, chunk.Length), [FakeNode.Buffer(chunk)]);

    public void SendEnd() => Node.Send(JsFrames.End(Slot, Generation));

    public void SendCredit(int bytes) => Node.Send(JsFrames.Credit(Slot, Generation, bytes));

    public void SendAbort() => Node.Send(JsFrames.Abort(Slot, Generation));

    public void SendUpgraded() => Node.Send(JsFrames.Upgraded(Slot, Generation));

    public void SendNextDone(int status = 200, bool failed = false) =>
        Node.Send(JsFrames.NextDone(Slot, Generation, status, failed));

    public void SendSendingHeaders(int number, int status, string headers) =>
        Node.Send(JsFrames.SendingHeaders(Slot, Generation, number, status, headers));

    /// <summary>Frames that end the exchange for JavaScript; there must never be more than one.</summary>
    public PostedFrame[] FinalFrames => [.. Inbox.All.Where(each => each.IsFinal)];
}
