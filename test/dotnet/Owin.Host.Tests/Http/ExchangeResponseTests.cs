using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class ExchangeResponseTests
{
    static readonly RequestFields Head = new() { Method = "HEAD" };

    static void SetLength(HeldCall call, string length) => call.ResponseHeaders["Content-Length"] = [length];

    [Fact]
    public async Task An_app_that_does_nothing_answers_200()
    {
        var call = await HeldCall.Begin();
        call.End();
        var frame = await call.Inbox.Next(ToJs.Response);
        Assert.Equal((200, "", true, false), (frame.Status, frame.Reason, frame.EndsResponse, frame.HasContentLength));
        Assert.Empty(frame.Headers);
        Assert.Empty(frame.First);
    }

    [Fact]
    public async Task The_first_write_takes_the_head_along()
    {
        var call = await HeldCall.Begin();
        call.Env["owin.ResponseStatusCode"] = 201;
        call.Env["owin.ResponseReasonPhrase"] = "Made";
        call.ResponseHeaders["X"] = ["1", "2"];
        await call.ResponseBody.WriteAsync("ab"u8.ToArray());
        var frame = await call.Inbox.Next(ToJs.Response);
        Assert.Equal((201, "Made", false), (frame.Status, frame.Reason, frame.EndsResponse));
        Assert.Equal(["X: 1", "X: 2"], frame.Headers);
        Assert.Equal("ab", frame.Text);
        call.ResponseBody.Write("c"u8);
        Assert.Equal("c", (await call.Inbox.Next(ToJs.ResponseBody)).Text);
        call.End();
        await call.Inbox.Next(ToJs.ResponseEnd);
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [InlineData("flush")]
    [InlineData("zero bytes")]
    public async Task A_flush_or_an_empty_write_starts_the_response(string how)
    {
        var call = await HeldCall.Begin();
        if (how == "flush")
            await call.ResponseBody.FlushAsync();
        else
            call.ResponseBody.Write([]);
        Assert.Empty((await call.Inbox.Next(ToJs.Response)).First);
        Assert.Throws<InvalidOperationException>(() => call.ResponseHeaders["X"] = ["late"]);
        call.Env["owin.ResponseStatusCode"] = 500;
        call.ResponseBody.Dispose();
        call.ResponseBody.Write("still"u8);
        await call.Inbox.Next(ToJs.ResponseBody);
    }

    [Fact]
    public async Task Callbacks_run_last_first_once_and_may_change_the_head()
    {
        var call = await HeldCall.Begin();
        var ran = new List<object>();
        foreach (var name in (string[])["first", "second"])
        {
            call.OnSendingHeaders(
                state =>
                {
                    ran.Add(state);
                    call.Env["owin.ResponseStatusCode"] = 202;
                    call.ResponseHeaders["X"] = [(string)state];
                },
                name
            );
        }
        call.ResponseBody.Flush();
        call.ResponseBody.Flush();
        call.End();
        var frame = await call.Inbox.Next(ToJs.Response);
        Assert.Equal(["second", "first"], ran);
        Assert.Equal((202, "X: first"), (frame.Status, frame.Headers.Single()));
    }

    [Fact]
    public async Task Callbacks_run_for_a_response_without_body()
    {
        var call = await HeldCall.Begin();
        call.OnSendingHeaders(_ => call.ResponseHeaders["X"] = ["1"], null!);
        call.End();
        Assert.Equal(["X: 1"], (await call.Inbox.Next(ToJs.Response)).Headers);
    }

    [Fact]
    public async Task What_a_callback_throws_the_write_throws()
    {
        var call = await HeldCall.Begin();
        call.OnSendingHeaders(_ => throw new FormatException("broken"), null!);
        Assert.Throws<FormatException>(() => call.ResponseBody.Write("a"u8));
        call.Inbox.AssertNoMore();
        // It ran once: the app may try again.
        call.ResponseBody.Write("a"u8);
        await call.Inbox.Next(ToJs.Response);
    }

    [Fact]
    public async Task What_a_callback_throws_at_the_end_is_the_answer()
    {
        var call = await HeldCall.Begin();
        call.OnSendingHeaders(_ => throw new FormatException("broken"), null!);
        call.End();
        Assert.Equal("broken", (await call.Inbox.Next(ToJs.Failed)).ErrorMessage);
    }

    [Fact]
    public async Task A_callback_that_writes_starts_the_response_and_it_ends()
    {
        var call = await HeldCall.Begin();
        call.OnSendingHeaders(_ => call.ResponseBody.Write("a"u8), null!);
        call.End();
        Assert.Equal("a", (await call.Inbox.Next(ToJs.Response)).Text);
        await call.Inbox.Next(ToJs.ResponseEnd);
        call.Inbox.AssertNoMore();
        Assert.Equal(0, call.Node.Environment.ExchangeCount);
    }

    [Fact]
    public async Task A_head_that_cannot_be_sent_fails_before_the_start()
    {
        var call = await HeldCall.Begin();
        call.Env["owin.ResponseStatusCode"] = "200";
        Assert.Throws<OwinException>(() => call.ResponseBody.Write("a"u8));
        call.Inbox.AssertNoMore();
        call.End();
        Assert.Equal(ErrorCodes.Response, (await call.Inbox.Next(ToJs.Failed)).ErrorCode);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task A_status_without_body_refuses_one(int status)
    {
        var call = await HeldCall.Begin();
        call.Env["owin.ResponseStatusCode"] = status;
        Assert.Throws<InvalidOperationException>(() => call.ResponseBody.Write("a"u8));
        call.Inbox.AssertNoMore();
        call.ResponseBody.Flush();
        Assert.Throws<InvalidOperationException>(() => call.ResponseBody.Write("a"u8));
        call.End();
        await call.Inbox.Next(ToJs.Response);
        await call.Inbox.Next(ToJs.ResponseEnd);
    }

    [Fact]
    public async Task More_than_the_content_length_never_leaves()
    {
        var call = await HeldCall.Begin();
        SetLength(call, "3");
        Assert.Throws<InvalidOperationException>(() => call.ResponseBody.Write("abcd"u8));
        call.Inbox.AssertNoMore();
        call.ResponseBody.Write("abc"u8);
        await call.Inbox.Next(ToJs.Response);
        Assert.Throws<InvalidOperationException>(() => call.ResponseBody.WriteByte(4));
        call.Inbox.AssertNoMore();
        // The app swallowed it; the client must not take the response for a whole one.
        call.End();
        Assert.Equal(ErrorCodes.Response, (await call.Inbox.Next(ToJs.Aborted)).ErrorCode);
    }

    [Fact]
    public async Task Less_than_the_content_length_is_no_response()
    {
        var call = await HeldCall.Begin();
        SetLength(call, "3");
        call.End();
        Assert.Contains("0 instead of 3", (await call.Inbox.Next(ToJs.Failed)).ErrorMessage);

        call = await HeldCall.Begin();
        SetLength(call, "3");
        call.ResponseBody.Write("ab"u8);
        call.End();
        await call.Inbox.Next(ToJs.Response);
        Assert.Contains("2 instead of 3", (await call.Inbox.Next(ToJs.Aborted)).ErrorMessage);
    }

    [Fact]
    public async Task The_exact_content_length_is_a_response()
    {
        var call = await HeldCall.Begin();
        SetLength(call, "3");
        call.ResponseBody.Write("abc"u8);
        call.End();
        Assert.True((await call.Inbox.Next(ToJs.Response)).HasContentLength);
        await call.Inbox.Next(ToJs.ResponseEnd);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("300000")]
    [InlineData(null)]
    public async Task The_body_of_a_HEAD_is_thrown_away(string? length)
    {
        var call = await HeldCall.Begin(Head);
        if (length != null)
            SetLength(call, length);
        call.ResponseBody.Write("abc"u8);
        call.ResponseBody.Write(new byte[300_000]);
        await call.ResponseBody.WriteAsync(new byte[300_000]).AsTask().InTime();
        call.End();
        Assert.Empty((await call.Inbox.Next(ToJs.Response)).First);
        await call.Inbox.Next(ToJs.ResponseEnd);
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task A_HEAD_keeps_its_content_length()
    {
        var call = await HeldCall.Begin(Head);
        SetLength(call, "3");
        call.End();
        Assert.Equal(["Content-Length: 3"], (await call.Inbox.Next(ToJs.Response)).Headers);
    }

    [Fact]
    public async Task An_environment_that_has_closed_takes_no_more()
    {
        var call = await HeldCall.BeginStarted();
        FakeNative.Close(call.Node.Environment.Id);
        Assert.Throws<IOException>(() => call.ResponseBody.Write("a"u8));
    }

    [Fact]
    public async Task What_a_cancellation_callback_throws_is_the_apps_error()
    {
        var call = await HeldCall.Begin();
        call.CallCancelled.Register(() => throw new FormatException("broken"));
        call.SendAbort();
        await call.Inbox.Next(ToJs.Released);
        var frame = await call.Inbox.Next(ToJs.AppError);
        Assert.Equal(call.Node.App.Id, frame.Slot);
        Assert.Contains("System.FormatException", frame.Fields);
    }

    [Fact]
    public async Task No_task_is_an_error()
    {
        var node = new FakeNode(_ => null!);
        node.Request(new());
        Assert.Equal(ErrorCodes.NullTask, (await node.Inbox.Next(ToJs.Failed)).ErrorCode);
    }

    [Fact]
    public async Task An_app_that_throws_at_once_is_an_error()
    {
        var node = new FakeNode(_ => throw new FormatException("broken"));
        node.Request(new());
        Assert.Equal("broken", (await node.Inbox.Next(ToJs.Failed)).ErrorMessage);
    }
}
