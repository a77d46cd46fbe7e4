using Owin.Host.Http;
using SendAsync = System.Func<string, long, long?, System.Threading.CancellationToken, System.Threading.Tasks.Task>;

namespace Owin.Host.Tests.Http;

public sealed class ExchangeSendFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly string path;

    public ExchangeSendFileTests()
    {
        path = folder.File("ten ä.txt");
        File.WriteAllText(path, "0123456789");
    }

    public void Dispose() => folder.Dispose();

    static Task Send(
        HeldCall call,
        string path,
        long offset = 0,
        long? count = null,
        CancellationToken cancel = default
    ) => ((SendAsync)call.Env["sendfile.SendAsync"])(path, offset, count, cancel);

    static void Done(HeldCall call, PostedFrame file, int flags = 0, long sent = 0, string message = "") =>
        call.Node.Send(JsFrames.FileDone(file.File, flags, sent, message));

    async Task<(Task Sending, PostedFrame Frame)> Begin(HeldCall call, CancellationToken cancel = default)
    {
        var sending = Send(call, path, 2, 5, cancel);
        await call.Inbox.Next(ToJs.Response);
        return (sending, await call.Inbox.Next(ToJs.SendFile));
    }

    [Fact]
    public async Task The_frame_names_the_range_and_the_Task_waits_until_the_file_is_closed()
    {
        var call = await HeldCall.Begin();
        var (sending, frame) = await Begin(call);
        Assert.Equal((path, 2, 5), (frame.FilePath, frame.FileOffset, frame.FileCount));
        Assert.False(sending.IsCompleted);
        Done(call, frame, sent: 5);
        await sending.InTime();
        call.End();
        await call.Inbox.Next(ToJs.ResponseEnd);
    }

    [Fact]
    public async Task A_range_beyond_4_GB_crosses_whole()
    {
        const long size = 9_000_000_001;
        using (var sparse = File.Create(path))
            sparse.SetLength(size);
        var call = await HeldCall.BeginStarted();
        var sending = Send(call, path, 4_500_000_000);
        var frame = await call.Inbox.Next(ToJs.SendFile);
        Assert.Equal((4_500_000_000, 4_500_000_001), (frame.FileOffset, frame.FileCount));
        Done(call, frame, sent: 4_500_000_001);
        await sending.InTime();
        call.End();
        await call.Inbox.Next(ToJs.ResponseEnd);
    }

    [Fact]
    public async Task What_is_written_meanwhile_follows_the_file()
    {
        var call = await HeldCall.Begin();
        var (sending, frame) = await Begin(call);
        var write = call.ResponseBody.WriteAsync("after"u8.ToArray(), 0, 5);
        call.SendCredit(1);
        call.Inbox.AssertNoMore();
        Done(call, frame, sent: 5);
        await Task.WhenAll(sending, write).InTime();
        Assert.Equal("after", (await call.Inbox.Next(ToJs.ResponseBody)).Text);
    }

    [Fact]
    public async Task It_does_not_begin_while_a_write_waits_for_credit()
    {
        var call = await HeldCall.BeginStarted();
        var write = call.ResponseBody.WriteAsync(new byte[FrameLimits.BodyWindow + 1]).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Send(call, path).InTime());
        call.SendCredit(1);
        await write.InTime();
    }

    [Fact]
    public async Task A_second_file_waits_for_the_first()
    {
        var call = await HeldCall.Begin();
        var (first, frame) = await Begin(call);
        var second = Send(call, path);
        call.Inbox.AssertNoMore();
        Done(call, frame, sent: 5);
        var next = await call.Inbox.Next(ToJs.SendFile);
        Assert.NotEqual(frame.File, next.File);
        Done(call, next, sent: 10);
        await Task.WhenAll(first, second).InTime();
    }

    [Fact]
    public async Task Files_that_wait_follow_one_another()
    {
        var call = await HeldCall.BeginStarted();
        var sending = Enumerable.Range(0, 20).Select(_ => Send(call, path)).ToArray();
        foreach (var _ in sending)
        {
            var frame = await call.Inbox.Next(ToJs.SendFile);
            call.Inbox.AssertNoMore();
            Done(call, frame, sent: 10);
        }
        await Task.WhenAll(sending).InTime();
        call.End();
        await call.Inbox.Next(ToJs.ResponseEnd);
    }

    [Fact]
    public async Task What_cannot_begin_leaves_the_body_to_what_follows()
    {
        var call = await HeldCall.Begin();
        call.ResponseHeaders["Content-Length"] = ["3"];
        await Assert.ThrowsAsync<InvalidOperationException>(() => Send(call, path).InTime());
        call.ResponseBody.Write("abc"u8);
        Assert.Equal("abc", (await call.Inbox.Next(ToJs.Response)).Text);
    }

    [Fact]
    public async Task Cancelled_before_the_first_byte_only_the_Task_is_cancelled()
    {
        var call = await HeldCall.Begin();
        call.ResponseHeaders["Content-Length"] = ["5"];
        using var cancellation = new CancellationTokenSource();
        var (sending, frame) = await Begin(call, cancellation.Token);
        await cancellation.CancelAsync();
        Assert.Equal(frame.File, (await call.Inbox.Next(ToJs.CancelFile)).File);
        Assert.False(sending.IsCompleted);
        Done(call, frame, FileDoneFlags.Cancelled);
        await Assert.ThrowsAsync<TaskCanceledException>(() => sending.InTime());
        call.ResponseBody.Write("other"u8);
        Assert.Equal("other", (await call.Inbox.Next(ToJs.ResponseBody)).Text);
        call.End();
        await call.Inbox.Next(ToJs.ResponseEnd);
        Assert.False(call.CallCancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Cancelled_midway_the_connection_is_aborted()
    {
        var call = await HeldCall.Begin();
        using var cancellation = new CancellationTokenSource();
        var (sending, frame) = await Begin(call, cancellation.Token);
        await cancellation.CancelAsync();
        await call.Inbox.Next(ToJs.CancelFile);
        Done(call, frame, FileDoneFlags.Cancelled, sent: 1);
        await Assert.ThrowsAsync<TaskCanceledException>(() => sending.InTime());
        await call.Inbox.Next(ToJs.Aborted);
        Assert.True(call.CallCancelled.IsCancellationRequested);
        Assert.Throws<IOException>(() => call.ResponseBody.Write("more"u8));
        Assert.Single(call.FinalFrames);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, true)]
    public async Task A_file_that_cannot_be_read_fails_the_Task(long sent, bool aborts)
    {
        var call = await HeldCall.Begin();
        var (sending, frame) = await Begin(call);
        Done(call, frame, FileDoneFlags.Failed, sent, "EIO: i/o error");
        var error = await Assert.ThrowsAsync<IOException>(() => sending.InTime());
        Assert.Equal("EIO: i/o error", error.Message);
        call.End();
        var last = await call.Inbox.Next();
        Assert.Equal(aborts ? ToJs.Aborted : ToJs.ResponseEnd, last.Type);
    }

    [Fact]
    public async Task After_the_client_has_gone_the_Task_waits_for_the_file_all_the_same()
    {
        var call = await HeldCall.Begin();
        var (sending, frame) = await Begin(call);
        call.SendAbort();
        await call.Inbox.Next(ToJs.Released);
        Assert.False(sending.IsCompleted);
        Done(call, frame, FileDoneFlags.Cancelled, sent: 1);
        await Assert.ThrowsAsync<IOException>(() => sending.InTime());
        call.End();
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task When_the_environment_closes_the_Task_fails()
    {
        var call = await HeldCall.Begin();
        var (sending, _) = await Begin(call);
        call.Node.Environment.Close();
        await Assert.ThrowsAsync<IOException>(() => sending.InTime());
    }

    [Fact]
    public async Task An_app_that_ends_before_its_file_has_aborted_the_response()
    {
        var call = await HeldCall.Begin();
        var (sending, frame) = await Begin(call);
        call.End();
        Assert.Equal("ERR_OWIN_RESPONSE", (await call.Inbox.Next(ToJs.Aborted)).ErrorCode);
        Done(call, frame, FileDoneFlags.Cancelled, sent: 1);
        await Assert.ThrowsAsync<IOException>(() => sending.InTime());
    }

    [Fact]
    public async Task A_frame_for_a_file_that_is_over_is_dropped()
    {
        var call = await HeldCall.Begin();
        var (sending, frame) = await Begin(call);
        Done(call, frame, sent: 5);
        await sending.InTime();
        Done(call, frame, FileDoneFlags.Failed, sent: 5, message: "late");
        call.End();
        await call.Inbox.Next(ToJs.ResponseEnd);
        call.Inbox.AssertNoMore();
    }
}
