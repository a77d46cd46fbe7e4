using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class ExchangeNextTests
{
    [Fact]
    public async Task Headers_set_so_far_go_along()
    {
        var call = await HeldCall.Begin(new() { Flags = RequestFlags.HasNext });
        call.ResponseHeaders["X-A"] = ["1", "2"];
        call.Env["owin.ResponseStatusCode"] = 404;
        _ = call.Next();
        var frame = await call.Inbox.Next(ToJs.Next);
        Assert.Equal(["X-A: 1", "X-A: 2"], frame.NextHeaders);
        Assert.Equal(404, frame.Word(ToJsNext.Status));
    }

    [Fact]
    public async Task It_completes_with_the_response_behind_it()
    {
        var (call, next) = await HeldCall.BeginContinued();
        Assert.False(next.IsCompleted);
        call.SendNextDone(status: 418);
        await next.InTime();
        Assert.Equal(418, call.Env["owin.ResponseStatusCode"]);
        Assert.False(call.CallCancelled.IsCancellationRequested);
        call.End();
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task Its_failure_is_no_error_of_an_app_that_lets_it_pass()
    {
        var (call, next) = await HeldCall.BeginContinued();
        call.SendNextDone(status: 200, failed: true);
        call.Throw(await Assert.ThrowsAsync<IOException>(next.InTime));
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task It_fails_with_the_response_behind_it()
    {
        var (call, next) = await HeldCall.BeginContinued();
        call.SendNextDone(status: 200, failed: true);
        await Assert.ThrowsAsync<IOException>(next.InTime);
        Assert.True(call.CallCancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Headers_that_cannot_be_sent_stop_it()
    {
        var call = await HeldCall.Begin(new() { Flags = RequestFlags.HasNext });
        call.ResponseHeaders["X"] = ["a\r\nb"];
        var error = await Assert.ThrowsAsync<OwinException>(call.Next);
        Assert.Equal(ErrorCodes.Response, error.Code);
        call.Inbox.AssertNoMore();
        call.ResponseHeaders.Clear();
        _ = call.Next();
        await call.Inbox.Next(ToJs.Next);
    }

    [Fact]
    public async Task A_dictionary_of_the_apps_that_throws_stops_it()
    {
        var call = await HeldCall.Begin(new() { Flags = RequestFlags.HasNext });
        call.Env["owin.ResponseHeaders"] = new ThrowingHeaders();
        var next = call.Next();
        await Assert.ThrowsAsync<NotSupportedException>(() => next);
    }

    [Fact]
    public async Task A_body_that_is_partly_read_stops_it()
    {
        var call = await HeldCall.Begin(RequestFields.WithBody with { Flags = RequestFlags.HasNext });
        var reading = call.RequestBody.ReadAsync(new byte[1]);
        call.SendBody(1, 2);
        await reading;
        await Assert.ThrowsAsync<InvalidOperationException>(call.Next);
    }

    [Theory]
    [InlineData(RequestFlags.BodyAttached, false)]
    [InlineData(RequestFlags.BodyConsumed, true)]
    public async Task A_body_that_came_along_and_is_read_stops_it_unless_JavaScript_keeps_it(int flag, bool goesOn)
    {
        var call = await HeldCall.Begin(RequestFields.WithBody with { Flags = RequestFlags.HasNext | flag });
        call.SendBody(1, 2);
        call.SendEnd();
        await call.RequestBody.ReadExactlyAsync(new byte[1]);
        var next = call.Next();
        if (goesOn)
            await call.Inbox.Next(ToJs.Next);
        else
            await Assert.ThrowsAsync<InvalidOperationException>(() => next);
    }

    [Fact]
    public async Task An_app_that_fails_with_the_response_behind_it_reports_nothing()
    {
        var (call, next) = await HeldCall.BeginContinued();
        call.SendNextDone(status: 200, failed: true);
        call.Throw(await Assert.ThrowsAsync<IOException>(next.InTime));
        call.Inbox.AssertNoMore();
        Assert.Throws<IOException>(() => call.ResponseBody.Write([1]));
    }

    [Fact]
    public async Task Closing_the_environment_releases_it()
    {
        var (call, next) = await HeldCall.BeginContinued();
        call.Node.Environment.Close();
        await Assert.ThrowsAsync<IOException>(next.InTime);
        Assert.True(call.CallCancelled.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_says_whether_there_are_callbacks(bool registers)
    {
        var call = await HeldCall.Begin(new() { Flags = RequestFlags.HasNext });
        if (registers)
            call.OnSendingHeaders(_ => { }, "");
        _ = call.Next();
        var frame = await call.Inbox.Next(ToJs.Next);
        Assert.Equal(registers, (frame.Word(ToJsNext.Flags) & NextFlags.SendingHeaders) != 0);
    }

    [Fact]
    public async Task Callbacks_change_the_head_behind_it()
    {
        var call = await HeldCall.Begin(new() { Flags = RequestFlags.HasNext });
        call.OnSendingHeaders(_ => call.Env["owin.ResponseStatusCode"] = 418, "");
        call.OnSendingHeaders(_ => call.ResponseHeaders["X-B"] = call.ResponseHeaders["X-A"], "");
        _ = call.Next();
        await call.Inbox.Next(ToJs.Next);
        call.SendSendingHeaders(number: 5, status: 201, "X-A\0one\0X-A\0two");
        var (number, frame) = await call.Inbox.Replies.Reader.ReadAsync().AsTask().InTime();
        Assert.Equal((5, ToJs.Response, 418), (number, frame.Type, frame.Status));
        Assert.Equal(["X-A: one", "X-A: two", "X-B: one", "X-B: two"], frame.Headers);
        Assert.Throws<InvalidOperationException>(() => call.ResponseHeaders["X-C"] = ["late"]);
    }

    [Fact]
    public async Task What_a_callback_throws_is_the_reply()
    {
        var call = await HeldCall.Begin(new() { Flags = RequestFlags.HasNext });
        call.OnSendingHeaders(_ => throw new FormatException("thrown"), "");
        _ = call.Next();
        await call.Inbox.Next(ToJs.Next);
        call.SendSendingHeaders(number: 6, status: 200, "");
        var (number, frame) = await call.Inbox.Replies.Reader.ReadAsync().AsTask().InTime();
        Assert.Equal((6, ToJs.Failed), (number, frame.Type));
        Assert.Equal("thrown", frame.ErrorMessage);
    }
}
