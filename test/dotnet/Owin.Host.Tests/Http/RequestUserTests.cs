using System.Security.Claims;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>A principal is code of the app's: what it throws must not leave the request without an answer.</summary>
public class RequestUserTests
{
    sealed class ThrowingPrincipal() : ClaimsPrincipal(new ClaimsIdentity())
    {
        public bool IsThrowing { get; set; } = true;
        public override IEnumerable<Claim> Claims =>
            IsThrowing ? throw new InvalidOperationException("thrown by a principal") : base.Claims;
    }

    static async Task<(HeldCall, ThrowingPrincipal)> Begin(RequestFields? request = null)
    {
        var call = await HeldCall.Begin(request);
        var user = new ThrowingPrincipal();
        call.Env["server.User"] = user;
        return (call, user);
    }

    [Fact]
    public async Task A_principal_that_throws_fails_the_request()
    {
        var (call, _) = await Begin();
        call.End();
        await call.Inbox.Next(ToJs.Failed);
        Assert.Single(call.FinalFrames);
        Assert.Equal(0, call.Node.Environment.ExchangeCount);
    }

    [Fact]
    public async Task A_principal_that_throws_fails_the_write_and_the_app_may_answer()
    {
        var (call, user) = await Begin();
        Assert.Throws<InvalidOperationException>(() => call.ResponseBody.Write("a"u8));
        user.IsThrowing = false;
        call.ResponseBody.Write("b"u8);
        await call.Inbox.Next(ToJs.User);
        Assert.Equal("b", (await call.Inbox.Next(ToJs.Response)).Text);
    }

    [Fact]
    public async Task A_principal_that_throws_fails_next_which_may_follow_all_the_same()
    {
        var (call, user) = await Begin(new() { Flags = RequestFlags.HasNext });
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.Next().InTime());
        user.IsThrowing = false;
        _ = call.Next();
        await call.Inbox.Next(ToJs.User);
        await call.Inbox.Next(ToJs.Next);
    }

    [Fact]
    public async Task A_user_that_next_could_not_tell_of_is_told_with_the_response()
    {
        var call = await HeldCall.BeginStarted(new() { Flags = RequestFlags.HasNext });
        call.Env["server.User"] = new ClaimsPrincipal();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.Next().InTime());
        call.End();
        await call.Inbox.Next(ToJs.User);
        await call.Inbox.Next(ToJs.ResponseEnd);
    }
}
