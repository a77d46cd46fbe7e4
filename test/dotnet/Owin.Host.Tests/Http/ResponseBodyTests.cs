using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class ResponseBodyTests
{
    const int Window = FrameLimits.BodyWindow;

    const int Piece = 64 * 1024;

    static byte[] Numbered(int length)
    {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)(i * 7 >> 3);
        return bytes;
    }

    static byte[] Sent(HeldCall call) => [.. call.Inbox.All.SelectMany(each => each.Body)];

    static int SentLength(HeldCall call) => call.Inbox.All.Sum(each => each.BodyLength);

    /// <summary>A call with as much under way as there may be.</summary>
    static async Task<HeldCall> BeginFull()
    {
        var call = await HeldCall.BeginStarted();
        call.ResponseBody.Write(new byte[Window]);
        return call;
    }

    [Fact]
    public async Task A_large_write_leaves_in_pieces()
    {
        var call = await HeldCall.Begin();
        var bytes = Numbered(Window);
        call.ResponseBody.Write(bytes);
        Assert.Equal(bytes, Sent(call));
        Assert.All(call.Inbox.All, each => Assert.InRange(each.BodyLength, 0, Piece));
    }

    [Fact]
    public async Task A_write_waits_for_credit_and_goes_on_with_it()
    {
        var call = await HeldCall.Begin();
        var bytes = Numbered(3 * Window);
        var writing = call.ResponseBody.WriteAsync(bytes).AsTask();
        Assert.False(writing.IsCompleted);
        Assert.InRange(SentLength(call), Window, Window + Piece);
        for (int taken = 0; !writing.IsCompleted; )
        {
            int sent = SentLength(call);
            Assert.InRange(sent - taken, 0, FrameLimits.BodyWindowMost + Piece);
            if (sent == taken)
                await Task.Yield();
            else
                call.SendCredit(sent - taken);
            taken = sent;
        }
        await writing;
        Assert.Equal(bytes, Sent(call));
        call.End();
        Assert.Single(call.FinalFrames);
    }

    [Fact]
    public async Task The_window_grows_for_a_client_that_takes_it_at_once()
    {
        var call = await HeldCall.BeginStarted();
        _ = call.ResponseBody.WriteAsync(new byte[16 * FrameLimits.BodyWindowMost]);
        int underWay = Window;
        for (int rounds = 0; rounds < 50 && underWay < FrameLimits.BodyWindowMost; rounds++)
            underWay = TakeAll(call, underWay);
        Assert.InRange(underWay, FrameLimits.BodyWindowMost, FrameLimits.BodyWindowMost + Piece);
    }

    [Fact]
    public async Task The_window_of_a_slow_client_stays()
    {
        var call = await HeldCall.BeginStarted();
        _ = call.ResponseBody.WriteAsync(new byte[16 * FrameLimits.BodyWindowMost]);
        int underWay = Window;
        for (int rounds = 0; rounds < 5; rounds++)
        {
            // Time is what the window depends on.
            await Task.Delay(40);
            underWay = TakeAll(call, underWay);
        }
        Assert.InRange(underWay, Window, Window + Piece);
    }

    // The client takes what is under way, and gets as much again; returns how much that is now.
    static int TakeAll(HeldCall call, int underWay)
    {
        int sent = SentLength(call);
        call.SendCredit(underWay);
        Assert.True(SpinWait.SpinUntil(() => SentLength(call) >= sent + Window, TimeSpan.FromSeconds(20)));
        return SentLength(call) - sent;
    }

    [Fact]
    public async Task A_synchronous_write_waits_too()
    {
        var call = await BeginFull();
        var writing = Task.Run(() => call.ResponseBody.Write(Numbered(10)));
        call.SendCredit(Window);
        await writing.InTime();
        Assert.Equal(Numbered(10), Sent(call)[Window..]);
    }

    [Theory]
    [InlineData("abort", typeof(IOException))]
    [InlineData("disconnect", typeof(IOException))]
    [InlineData("close", typeof(IOException))]
    [InlineData("end", typeof(ObjectDisposedException))]
    public async Task What_ends_the_exchange_releases_the_writers(string how, Type error)
    {
        var call = await BeginFull();
        var waiting = call.ResponseBody.WriteAsync(new byte[1]).AsTask();
        var blocked = Task.Run(() => call.ResponseBody.WriteByte(1));
        Assert.False(waiting.IsCompleted);
        switch (how)
        {
            case "abort":
                call.SendAbort();
                break;
            case "disconnect":
                call.Disconnect();
                break;
            case "close":
                call.Node.Environment.Close();
                break;
            default:
                call.End();
                error = typeof(IOException); // it is missing a write, so it is no whole response
                break;
        }
        Assert.IsType(error, await Record.ExceptionAsync(waiting.InTime));
        Assert.IsAssignableFrom<Exception>(await Record.ExceptionAsync(blocked.InTime));
        Assert.Single(call.FinalFrames);
    }

    [Fact]
    public async Task A_cancelled_write_releases_its_writer_and_spoils_the_response()
    {
        var call = await BeginFull();
        using var source = new CancellationTokenSource();
        var writing = call.ResponseBody.WriteAsync(new byte[10], source.Token).AsTask();
        Assert.False(writing.IsCompleted);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(writing.InTime);
        call.End();
        Assert.Contains(
            "10 of 262154 bytes are missing",
            call.FinalFrames.Single(each => each.Type == ToJs.Aborted).ErrorMessage
        );
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_starts_nothing()
    {
        var call = await HeldCall.Begin();
        var token = new CancellationToken(true);
        Assert.True(call.ResponseBody.WriteAsync(new byte[1], token).IsCanceled);
        Assert.True(call.ResponseBody.WriteAsync(new byte[1], 0, 1, token).IsCanceled);
        Assert.True(call.ResponseBody.FlushAsync(token).IsCanceled);
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task A_write_that_nobody_waited_for_spoils_the_response()
    {
        var call = await BeginFull();
        _ = call.ResponseBody.WriteAsync(new byte[10]);
        call.End();
        Assert.Equal(ErrorCodes.Response, call.FinalFrames.Single().ErrorCode);
        Assert.Equal(ToJs.Aborted, call.FinalFrames.Single().Type);
    }

    [Fact]
    public async Task A_write_within_the_window_need_not_be_waited_for()
    {
        var call = await HeldCall.Begin();
        _ = call.ResponseBody.WriteAsync(Numbered(1000));
        call.End();
        await call.Inbox.Next(ToJs.Response);
        await call.Inbox.Next(ToJs.ResponseEnd);
        Assert.Equal(Numbered(1000), Sent(call));
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 10, MemberType = typeof(Generator))]
    public async Task Generated_writes_arrive_whole_and_in_order(int seed)
    {
        var generator = new Generator(seed);
        var call = await HeldCall.Begin();
        var written = new List<byte>();
        var app = Task.Run(async () =>
        {
            for (int i = 0; i < 30; i++)
            {
                var bytes = generator.Bytes(generator.Pick(10, 20_000, 400_000));
                written.AddRange(bytes);
                if (generator.Chance(30))
                    call.ResponseBody.Write(bytes);
                else
                    await call.ResponseBody.WriteAsync(bytes);
            }
            call.End();
        });
        int taken = 0;
        for (bool ended = false; !ended; )
        {
            var frame = await call.Inbox.Next();
            int length = frame.BodyLength;
            taken += length;
            Assert.InRange(SentLength(call) - taken, 0, FrameLimits.BodyWindowMost + Piece);
            if (length > 0)
                call.SendCredit(length);
            ended = frame.Type == ToJs.ResponseEnd;
        }
        await app.InTime();
        Assert.Equal(written, Sent(call));
    }

    [Fact]
    public async Task It_is_a_stream_that_can_only_be_written()
    {
        var body = (await HeldCall.Begin()).ResponseBody;
        Assert.Equal((false, false, true), (body.CanRead, body.CanSeek, body.CanWrite));
        Assert.Throws<NotSupportedException>(() => body.ReadByte());
        Assert.Throws<NotSupportedException>(() => body.Length);
        Assert.Throws<NotSupportedException>(() => body.Position);
        Assert.Throws<NotSupportedException>(() => body.Position = 0);
        Assert.Throws<NotSupportedException>(() => body.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => body.SetLength(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Write(new byte[1], 0, 2));
        await Assert.ThrowsAsync<ArgumentNullException>(() => body.WriteAsync(null!, 0, 0));
    }
}
