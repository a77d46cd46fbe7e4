using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>What may arrive in which state of an exchange, from JavaScript and from the app, and what comes of it.</summary>
public class ExchangeStateTests
{
    static readonly RequestFields Request = RequestFields.WithBody with { Flags = RequestFlags.HasNext };

    static readonly Dictionary<string, Func<HeldCall, Task>> States = new()
    {
        ["running"] = call => Task.CompletedTask,
        ["started"] = async call =>
        {
            call.ResponseBody.Flush();
            await call.Inbox.Next(ToJs.Response);
        },
        ["continued"] = async call =>
        {
            _ = call.Next();
            await call.Inbox.Next(ToJs.Next);
        },
        ["completed"] = async call =>
        {
            call.End();
            await call.Inbox.Next(ToJs.Response);
        },
        ["failed"] = async call =>
        {
            call.Throw(new FormatException("broken"));
            await call.Inbox.Next(ToJs.Failed);
        },
        ["aborted"] = async call =>
        {
            call.SendAbort();
            await call.Inbox.Next(ToJs.Released);
        },
        ["disconnected"] = async call =>
        {
            call.Disconnect();
            await call.Inbox.Next(ToJs.Aborted);
        },
        ["given up"] = async call =>
        {
            call.GiveUp();
            await call.Inbox.Next(ToJs.Failed);
        },
        ["given up after its start"] = async call =>
        {
            call.ResponseBody.Flush();
            call.GiveUp();
            await call.Inbox.Next(ToJs.Response);
            await call.Inbox.Next(ToJs.Aborted);
        },
        ["finished"] = async call =>
        {
            call.ResponseBody.WriteByte(1);
            call.End();
            await call.Inbox.Next(ToJs.Response);
            await call.Inbox.Next(ToJs.ResponseEnd);
        },
    };

    static readonly Dictionary<string, Action<HeldCall>> Frames = new()
    {
        ["requestBody"] = call => call.SendBody(1, 2),
        ["requestBodyBuffer"] = call => call.SendBodyBuffer([1, 2]),
        ["requestEnd"] = call => call.SendEnd(),
        ["responseCredit"] = call => call.SendCredit(1000),
        ["abort"] = call => call.SendAbort(),
        ["nextDone"] = call => call.SendNextDone(),
    };

    static async Task<HeldCall> Call(string state)
    {
        var call = await HeldCall.Begin(Request);
        await States[state](call);
        call.Inbox.AssertNoMore();
        return call;
    }

    public static TheoryData<string, string> AllFrames =>
        [.. States.Keys.SelectMany(state => Frames.Keys.Select(frame => (state, frame)))];

    [Theory]
    [MemberData(nameof(AllFrames))]
    public async Task A_frame_is_answered_where_it_matters_and_dropped_elsewhere(string state, string frame)
    {
        var call = await Call(state);
        Frames[frame](call);
        if (frame == "abort" && state is "running" or "started")
            await call.Inbox.Next(ToJs.Released);
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [MemberData(nameof(AllFrames))]
    public async Task Exactly_one_final_frame_is_posted(string state, string frame)
    {
        var call = await Call(state);
        Frames[frame](call);
        Frames[frame](call);
        call.End();
        while (state != "continued" && call.FinalFrames.Length == 0)
            await call.Inbox.Next();
        call.SendAbort();
        // JavaScript itself ends what has continued.
        Assert.Equal(state == "continued" ? 0 : 1, call.FinalFrames.Length);
    }

    [Theory]
    [InlineData("continued")]
    [InlineData("completed")]
    [InlineData("failed")]
    [InlineData("aborted")]
    [InlineData("given up")]
    public async Task What_is_over_or_not_its_own_the_app_does_not_give_up(string state)
    {
        var call = await Call(state);
        call.GiveUp();
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task What_is_given_up_is_cancelled()
    {
        var call = await Call("given up after its start");
        Assert.True(call.CallCancelled.IsCancellationRequested);
    }

    [Theory]
    [InlineData("running", null)]
    [InlineData("started", null)]
    [InlineData("continued", typeof(InvalidOperationException))]
    [InlineData("completed", typeof(ObjectDisposedException))]
    [InlineData("finished", typeof(ObjectDisposedException))]
    [InlineData("failed", typeof(ObjectDisposedException))]
    [InlineData("aborted", typeof(IOException))]
    [InlineData("disconnected", typeof(IOException))]
    [InlineData("given up", typeof(IOException))]
    [InlineData("given up after its start", typeof(IOException))]
    public async Task A_write_goes_out_or_throws(string state, Type? error)
    {
        byte[] bytes = [7];
        Action<Stream>[] writes =
        [
            body => body.WriteByte(7),
            body => body.Write(bytes, 0, 1),
            body => body.Write(bytes.AsSpan()),
            body => body.WriteAsync(bytes, 0, 1).GetAwaiter().GetResult(),
            body => body.WriteAsync(bytes.AsMemory()).AsTask().GetAwaiter().GetResult(),
            body => body.EndWrite(body.BeginWrite(bytes, 0, 1, null, null)),
            body => body.Flush(),
            body => body.FlushAsync().GetAwaiter().GetResult(),
        ];
        foreach (var write in writes)
        {
            var call = await Call(state);
            Assert.Equal(error, Record.Exception(() => write(call.ResponseBody))?.GetType());
            if (state == "running")
                await call.Inbox.Next(ToJs.Response);
            else if (state == "started" && call.Inbox.All.Length > 1)
                Assert.Equal(bytes, (await call.Inbox.Next(ToJs.ResponseBody)).Chunk);
            call.Inbox.AssertNoMore();
        }
    }

    [Theory]
    [InlineData("running", null)]
    [InlineData("started", typeof(InvalidOperationException))]
    [InlineData("continued", typeof(InvalidOperationException))]
    [InlineData("completed", typeof(InvalidOperationException))]
    [InlineData("failed", typeof(InvalidOperationException))]
    [InlineData("aborted", typeof(IOException))]
    [InlineData("disconnected", typeof(IOException))]
    public async Task Next_works_once_and_before_the_start(string state, Type? error)
    {
        var call = await Call(state);
        var next = call.Next();
        Assert.Equal(error, next.Exception?.InnerException?.GetType());
        Assert.Equal(error != null, next.IsCompleted);
        if (error == null)
            await call.Inbox.Next(ToJs.Next);
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [InlineData("running", false)]
    [InlineData("started", true)]
    [InlineData("continued", true)]
    [InlineData("completed", true)]
    [InlineData("failed", true)]
    [InlineData("aborted", true)]
    public async Task Callbacks_are_registered_before_the_start(string state, bool throws)
    {
        var call = await Call(state);
        var error = Record.Exception(() => call.OnSendingHeaders(_ => { }, new object()));
        Assert.Equal(throws ? typeof(InvalidOperationException) : null, error?.GetType());
    }

    [Theory]
    [InlineData("running", ToJs.Aborted)]
    [InlineData("started", ToJs.Aborted)]
    [InlineData("continued", 0)]
    [InlineData("completed", 0)]
    [InlineData("failed", 0)]
    [InlineData("aborted", 0)]
    [InlineData("disconnected", 0)]
    public async Task Disconnect_closes_what_is_open(string state, int posted)
    {
        var call = await Call(state);
        call.Disconnect();
        if (posted != 0)
            Assert.Empty((await call.Inbox.Next(posted)).Fields);
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [InlineData("running", ToJs.Failed)]
    [InlineData("started", ToJs.Aborted)]
    [InlineData("continued", ToJs.AppError)]
    [InlineData("aborted", 0)]
    [InlineData("disconnected", 0)]
    public async Task An_exception_goes_where_it_can(string state, int posted)
    {
        var call = await Call(state);
        call.Throw(new FormatException("broken"));
        if (posted != 0)
        {
            var frame = await call.Inbox.Next(posted);
            Assert.Equal(("System.FormatException", "broken"), (frame.ErrorName, frame.ErrorMessage));
        }
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [InlineData("running", ToJs.Failed)]
    [InlineData("started", ToJs.Aborted)]
    [InlineData("continued", ToJs.AppError)]
    public async Task A_cancelled_task_is_an_error(string state, int posted)
    {
        var call = await Call(state);
        call.CancelTask();
        Assert.Equal(ErrorCodes.Cancelled, (await call.Inbox.Next(posted)).ErrorCode);
    }

    [Theory]
    [InlineData("running", false)]
    [InlineData("started", false)]
    [InlineData("continued", false)]
    [InlineData("completed", false)]
    [InlineData("finished", false)]
    [InlineData("failed", true)]
    [InlineData("aborted", true)]
    [InlineData("disconnected", true)]
    public async Task The_token_is_cancelled_by_what_goes_wrong_and_by_nothing_else(string state, bool cancelled)
    {
        var early = await HeldCall.Begin(Request);
        var token = early.CallCancelled;
        await States[state](early);
        Assert.Equal(cancelled, token.IsCancellationRequested);
        // Read for the first time when it is over.
        Assert.Equal(cancelled, (await Call(state)).CallCancelled.IsCancellationRequested);
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("finished")]
    [InlineData("failed")]
    [InlineData("aborted")]
    [InlineData("disconnected")]
    public async Task An_exchange_that_is_over_is_let_go(string state)
    {
        var call = await Call(state);
        Assert.True(SpinWait.SpinUntil(() => call.Node.Environment.ExchangeCount == 0, TimeSpan.FromSeconds(20)));
    }
}
