using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>What the app does and what the pump brings, on two threads at the same moment, many times.</summary>
public class ExchangeRaceTests
{
    const int Rounds = 2_000;

    static readonly RequestFields Request = RequestFields.WithBody with { Flags = RequestFlags.HasNext };

    /// <summary>Runs both at once; an exception of the app's side is part of the game.</summary>
    static async Task Race(Action app, Action pump)
    {
        using var start = new Barrier(2);
        var playing = Task.Run(() =>
        {
            start.SignalAndWait();
            Record.Exception(app);
        });
        var pumping = Task.Run(() =>
        {
            start.SignalAndWait();
            pump();
        });
        await Task.WhenAll(playing, pumping).InTime();
    }

    static readonly Dictionary<string, Action<HeldCall>> AppSides = new()
    {
        ["end"] = call => call.End(),
        ["throw"] = call => call.Throw(new FormatException()),
        ["disconnect"] = call => call.Disconnect(),
        ["write, end"] = call =>
        {
            Record.Exception(() => call.ResponseBody.WriteByte(1));
            call.End();
        },
        ["write, throw"] = call =>
        {
            Record.Exception(() => call.ResponseBody.WriteByte(1));
            call.Throw(new FormatException());
        },
        ["read, end"] = call =>
        {
            _ = call.RequestBody.ReadAsync(new byte[1]);
            call.End();
        },
    };

    public static TheoryData<string> AppSideNames => [.. AppSides.Keys];

    [Theory]
    [MemberData(nameof(AppSideNames))]
    public async Task An_abort_at_any_moment_leaves_one_final_frame(string side)
    {
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.Begin(Request);
            var token = call.CallCancelled;
            await Race(
                () => AppSides[side](call),
                () =>
                {
                    call.SendBody(1);
                    call.SendAbort();
                    call.SendCredit(1);
                }
            );
            var final = Assert.Single(call.FinalFrames);
            bool succeeded = final.Type is ToJs.Response or ToJs.ResponseEnd;
            Assert.Equal(!succeeded, token.IsCancellationRequested);
            Assert.Equal(0, call.Node.Environment.ExchangeCount);
        }
    }

    [Fact]
    public async Task An_abort_before_the_app_is_called_leaves_one_final_frame()
    {
        for (int i = 0; i < Rounds; i++)
        {
            var node = new FakeNode(_ => Task.CompletedTask);
            node.Send(JsFrames.Request(new(), 1, 1), JsFrames.Abort(1, 1));
            var frame = await node.Inbox.Next();
            Assert.True(frame.IsFinal);
            Assert.True(SpinWait.SpinUntil(() => node.Environment.ExchangeCount == 0, TimeSpan.FromSeconds(20)));
            node.Inbox.AssertNoMore();
        }
    }

    [Fact]
    public async Task Next_and_an_abort_leave_one_outcome()
    {
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.Begin(Request);
            Task? next = null;
            await Race(() => next = call.Next(), call.SendAbort);
            await Assert.ThrowsAsync<IOException>(next!.InTime);
            Assert.Equal(0, call.Node.Environment.ExchangeCount);
            // Either JavaScript hears that the abort was in time, or it ends the exchange itself.
            Assert.Single(call.Inbox.All, each => each.Type is ToJs.Released or ToJs.Next);
        }
    }

    [Theory]
    [InlineData("credit")]
    [InlineData("abort")]
    public async Task A_writer_is_never_left_waiting(string frame)
    {
        var bytes = new byte[FrameLimits.BodyWindow];
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.BeginStarted();
            call.ResponseBody.Write(bytes);
            Task? writing = null;
            await Race(
                () => writing = call.ResponseBody.WriteAsync(new byte[1]).AsTask(),
                () =>
                {
                    if (frame == "credit")
                        call.SendCredit(bytes.Length);
                    else
                        call.SendAbort();
                }
            );
            Assert.Equal(frame == "abort", await Record.ExceptionAsync(writing!.InTime) is IOException);
        }
    }

    [Theory]
    [InlineData("chunk", 1)]
    [InlineData("end", 0)]
    [InlineData("abort", -1)]
    public async Task A_reader_is_never_left_waiting(string frame, int expected)
    {
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.Begin(Request);
            Task<int>? reading = null;
            await Race(
                () => reading = call.RequestBody.ReadAsync(new byte[1], 0, 1),
                () =>
                {
                    if (frame == "chunk")
                        call.SendBody(1);
                    else if (frame == "end")
                        call.SendEnd();
                    else
                        call.SendAbort();
                }
            );
            if (expected < 0)
                await Assert.ThrowsAsync<IOException>(() => reading!.InTime());
            else
                Assert.Equal(expected, await reading!.InTime());
        }
    }

    [Fact]
    public async Task Writers_side_by_side_start_one_response()
    {
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.Begin();
            await Race(() => call.ResponseBody.Write([1, 1]), () => call.ResponseBody.Write([2, 2]));
            call.End();
            Assert.Single(call.Inbox.All, each => each.Type == ToJs.Response);
            Assert.Single(call.FinalFrames);
            Assert.Equal(4, call.Inbox.All.Sum(each => each.BodyLength));
        }
    }

    [Fact]
    public async Task A_write_beside_the_end_is_whole_or_refused()
    {
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.Begin();
            bool written = false;
            await Race(
                () =>
                {
                    call.ResponseBody.Write([1, 1]);
                    written = true;
                },
                call.End
            );
            Assert.Single(call.FinalFrames);
            // The end may come between the claim and the bytes: then the response is aborted.
            if (call.FinalFrames[0].Type != ToJs.Aborted)
                Assert.Equal(written ? 2 : 0, call.Inbox.All.Sum(each => each.BodyLength));
            Assert.Equal(0, call.Node.Environment.ExchangeCount);
        }
    }

    [Fact]
    public async Task A_closing_environment_ends_what_is_in_flight()
    {
        for (int i = 0; i < Rounds; i++)
        {
            var call = await HeldCall.Begin(Request);
            var reading = call.RequestBody.ReadAsync(new byte[1], 0, 1);
            await Race(() => AppSides["write, end"](call), call.Node.Environment.Close);
            await Assert.ThrowsAnyAsync<Exception>(() => reading.InTime());
            Assert.Single(call.FinalFrames);
        }
    }
}
