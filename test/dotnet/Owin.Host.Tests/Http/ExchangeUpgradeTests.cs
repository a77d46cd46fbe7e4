using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

using UpgradeFunc = Action<IDictionary<string, object>, Func<IDictionary<string, object>, Task>>;

public class ExchangeUpgradeTests
{
    static readonly RequestFields Upgradable = new()
    {
        Flags = RequestFlags.Upgrade,
        Headers = ["Host", "example.test", "Connection", "Upgrade", "Upgrade", "other/1"],
    };

    readonly TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource ending = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Accepting_posts_nothing_before_the_apps_task_completes()
    {
        var call = await Accepted();
        call.Inbox.AssertNoMore();
        Assert.Equal(101, call.Env["owin.ResponseStatusCode"]);
        call.End();
        await call.Inbox.Next(ToJs.Upgrade);
        Assert.False(opened.Task.IsCompleted);
    }

    [Fact]
    public async Task Body_frames_are_the_socket_both_ways_and_one_final_frame_ends_it()
    {
        var (call, stream) = await Opened();
        call.SendBody("in"u8.ToArray());
        var buffer = new byte[16];
        Assert.Equal(2, await stream.ReadAsync(buffer).AsTask().InTime());
        await stream.WriteAsync("out"u8.ToArray());
        Assert.Equal("out", (await call.Inbox.Next(ToJs.ResponseBody)).Text);
        ending.SetResult();
        await call.Inbox.Next(ToJs.ResponseEnd);
        call.Inbox.AssertNoMore();
        Assert.Equal(0, call.Node.Environment.ExchangeCount);
        Assert.False(call.CallCancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task The_clients_end_is_read_as_zero_bytes()
    {
        var (call, stream) = await Opened();
        call.SendEnd();
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().InTime());
    }

    [Fact]
    public async Task A_write_beyond_the_window_waits_for_credit_and_a_dispose_ends_the_waiting()
    {
        var (call, stream) = await Opened();
        var write = stream.WriteAsync(new byte[FrameLimits.BodyWindow + 1]).AsTask();
        Assert.False(write.IsCompleted);
        stream.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(write.InTime);
        Assert.Equal(1, call.Node.Environment.ExchangeCount);
    }

    [Fact]
    public async Task An_abort_faults_what_waits_and_is_answered_once()
    {
        var (call, stream) = await Opened();
        var read = stream.ReadAsync(new byte[1]).AsTask();
        call.SendAbort();
        await Assert.ThrowsAsync<IOException>(read.InTime);
        await call.Inbox.Next(ToJs.Released);
        ending.SetException(new InvalidOperationException("too late"));
        call.Inbox.AssertNoMore();
        Assert.True(call.CallCancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task An_abort_before_the_101_is_out_ends_it_without_the_callback()
    {
        var call = await Accepted();
        call.End();
        await call.Inbox.Next(ToJs.Upgrade);
        call.SendAbort();
        await call.Inbox.Next(ToJs.Released);
        Assert.True(call.CallCancelled.IsCancellationRequested);
        Assert.False(opened.Task.IsCompleted);
    }

    [Fact]
    public async Task A_callback_that_throws_drops_the_connection()
    {
        var (call, _) = await Opened();
        ending.SetException(new InvalidOperationException("thrown by the callback"));
        Assert.Equal("thrown by the callback", (await call.Inbox.Next(ToJs.Aborted)).ErrorMessage);
        call.Inbox.AssertNoMore();
    }

    async Task<HeldCall> Accepted()
    {
        var call = await HeldCall.Begin(Upgradable);
        ((UpgradeFunc)call.Env["opaque.Upgrade"])(
            null!,
            opaque =>
            {
                opened.SetResult((Stream)opaque["opaque.Stream"]);
                return ending.Task;
            }
        );
        return call;
    }

    async Task<(HeldCall, Stream)> Opened()
    {
        var call = await Accepted();
        call.End();
        await call.Inbox.Next(ToJs.Upgrade);
        call.SendUpgraded();
        return (call, await opened.Task.InTime());
    }
}
