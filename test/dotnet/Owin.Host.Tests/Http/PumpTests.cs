using System.Runtime.InteropServices;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>From a batch of JavaScript's to frames of .NET's: the real entry point, pump and commands.</summary>
public class PumpTests
{
    readonly FakeInbox inbox = new();
    readonly ulong environment;

    public PumpTests() => environment = FakeNative.Open(inbox);

    void Submit(params byte[][] frames) => FakeNative.Submit(environment, [.. frames.SelectMany(each => each)]);

    async Task<string[]> Ask(params string[] fields)
    {
        Submit(JsFrames.Command(7, fields));
        var frame = await inbox.Next();
        Assert.Equal((ToJs.Result, 7), (frame.Type, frame.Slot));
        return frame.Fields;
    }

    Task<string[]> Load(int id = 1)
    {
        string[] options = ["", "", "", "0", "false", "false", "auto", "Production", "", "false", "0", "0"];
        return Ask(["load", $"{id}", TestApps.Built("Kitchen"), .. options, "acme.Key", "value"]);
    }

    [Fact]
    public async Task A_request_is_answered_and_its_body_flows()
    {
        Assert.Contains("Kitchen.Startup", await Load());
        var request = RequestFields.WithBody with { Url = "/echo" };
        Submit(JsFrames.Request(request, 0, 1));
        await inbox.Next(ToJs.RequestCredit);
        FakeNative.Submit(
            environment,
            [.. JsFrames.Body(0, 1, "ab"u8), .. JsFrames.BodyBuffer(0, 1, 2), .. JsFrames.End(0, 1)],
            FakeNode.Buffer("cd"u8.ToArray())
        );
        var body = "";
        for (var frame = await inbox.Next(); !frame.IsFinal; frame = await inbox.Next())
            body += frame.Text;
        Assert.Equal("abcd", body);
    }

    [Fact]
    public async Task Commands_answer_by_their_number()
    {
        var stats = (await Ask("stats")).Chunk(2).ToDictionary(each => each[0], each => long.Parse(each[1]));
        Assert.Equal(0, stats["exchanges"]);
        Assert.True(stats["threads"] > 0 && stats["heapBytes"] > 0);
        await Load();
        Assert.Empty(await Ask("close", "1", "1000"));
        Assert.Empty(await Ask("close", "1", "1000"));
        Submit(JsFrames.Request(new(), 0, 1));
        Assert.Equal(ErrorCodes.AppClosed, (await inbox.Next(ToJs.Failed)).ErrorCode);
    }

    [Fact]
    public async Task Environments_do_not_see_each_other()
    {
        await Load();
        var other = new FakeInbox();
        FakeNative.Submit(FakeNative.Open(other), JsFrames.Request(new(), 0, 1));
        Assert.Equal(ErrorCodes.AppClosed, (await other.Next(ToJs.Failed)).ErrorCode);
        inbox.AssertNoMore();
    }

    [Fact]
    public async Task A_damaged_batch_is_reported_and_the_pump_goes_on()
    {
        var damaged = JsFrames.End(0, 1);
        MemoryMarshal.Cast<byte, int>(damaged.AsSpan())[FrameHeader.Length] = 12;
        Submit(damaged);
        Assert.Equal(ErrorCodes.Protocol, (await inbox.Next(ToJs.Unhandled)).ErrorCode);
        await Ask("stats");
    }

    [Fact]
    public async Task Closing_an_environment_ends_its_exchanges_and_apps()
    {
        await Load();
        Submit(JsFrames.Request(RequestFields.WithBody with { Url = "/echo" }, 0, 1));
        await inbox.Next(ToJs.RequestCredit);
        FakeNative.SubmitClose(environment);
        await inbox.Next(ToJs.Released);
        // A later use of the number would be another environment, which has no apps.
        Submit(JsFrames.Request(new(), 0, 2));
        Assert.Equal(ErrorCodes.AppClosed, (await inbox.Next(ToJs.Failed)).ErrorCode);
    }
}
