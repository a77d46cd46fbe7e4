using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class TrailersTests
{
    static byte[] EndWith(params string[] fields)
    {
        var payload = Encoding.Latin1.GetBytes(string.Join('\0', fields));
        return JsFrames.Frame(ToClr.RequestEnd, 3, 9, [fields.Length, payload.Length], payload);
    }

    static async Task<object?> RequestTrailersAfter(byte[] end)
    {
        var call = await HeldCall.Begin(RequestFields.WithBody);
        Assert.False(call.Env.ContainsKey(OwinKeys.NodeRequestTrailers));
        call.Node.Send(end);
        Assert.Equal(0, await ((Stream)call.Env[OwinKeys.OwinRequestBody]).ReadAsync(new byte[1]));
        return call.Env.TryGetValue(OwinKeys.NodeRequestTrailers, out var trailers) ? trailers : null;
    }

    [Fact]
    public async Task Those_of_the_request_appear_with_the_end_of_its_body()
    {
        var trailers = await RequestTrailersAfter(EndWith("X-Sum", "7", "x-sum", "é"));
        Assert.Equal(["7", "é"], Assert.IsType<HeaderDictionary>(trailers)["X-SUM"]);
    }

    [Theory]
    [InlineData("X", "1\0Forged", "2")]
    [InlineData("X")]
    public async Task Those_of_the_request_that_were_forged_are_dropped(params string[] fields) =>
        Assert.Null(await RequestTrailersAfter(EndWith(fields)));

    [Fact]
    public async Task Those_of_the_response_leave_with_its_end()
    {
        var call = await HeldCall.Begin();
        var trailers = (IDictionary<string, string[]>)call.Env[OwinKeys.NodeResponseTrailers];
        trailers["X"] = ["1", "2"];
        call.End();
        Assert.False((await call.Inbox.Next(ToJs.Response)).EndsResponse);
        var end = await call.Inbox.Next(ToJs.ResponseEnd);
        Assert.Equal(4, end.Word(ToJsResponseEnd.FieldCount));
        Assert.Equal(["X: 1", "X: 2"], end.Trailers);
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [InlineData("not a dictionary")]
    [InlineData("Content-Length")]
    [InlineData("no token")]
    public async Task What_can_be_no_trailer_fails_the_response_before_it_starts(string what)
    {
        var call = await HeldCall.Begin();
        call.Env[OwinKeys.NodeResponseTrailers] =
            what == "not a dictionary" ? what : new Dictionary<string, string[]> { [what] = ["1"] };
        call.End();
        Assert.Equal(ErrorCodes.Response, (await call.Inbox.Next(ToJs.Failed)).ErrorCode);
    }

    [Fact]
    public async Task There_are_none_on_HTTP_1_0()
    {
        var call = await HeldCall.Begin(new() { HttpVersion = "1.0" });
        Assert.False(call.Env.ContainsKey(OwinKeys.NodeResponseTrailers));
    }

    [Fact]
    public async Task A_key_that_was_read_once_keeps_its_value_and_can_be_removed()
    {
        var call = await HeldCall.Begin();
        var trailers = call.Env[OwinKeys.NodeResponseTrailers];
        Assert.Same(trailers, call.Env[OwinKeys.NodeResponseTrailers]);
        Assert.Single(call.Env.Keys, OwinKeys.NodeResponseTrailers);
        Assert.True(call.Env.Remove(OwinKeys.NodeResponseTrailers));
        Assert.False(call.Env.ContainsKey(OwinKeys.NodeResponseTrailers));
        call.End();
        Assert.True((await call.Inbox.Next(ToJs.Response)).EndsResponse);
    }
}
