using System.Buffers;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class RequestBodyTests
{
    const int Window = FrameLimits.BodyWindow;

    static Task<HeldCall> Begin(int flags = 0) => HeldCall.Begin(RequestFields.WithBody with { Flags = flags });

    static int Granted(HeldCall call) =>
        call.Inbox.All.Where(each => each.Type == ToJs.RequestCredit).Sum(each => each.Word(ToJsRequestCredit.Bytes));

    [Fact]
    public async Task Nothing_is_asked_for_before_the_first_read()
    {
        var call = await Begin();
        Assert.True(call.RequestBody.CanRead);
        call.Inbox.AssertNoMore();
        _ = call.RequestBody.ReadAsync(new byte[1]);
        Assert.Equal(Window, (await call.Inbox.Next(ToJs.RequestCredit)).Word(ToJsRequestCredit.Bytes));
        _ = call.RequestBody.ReadAsync(new byte[1]);
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task Every_way_to_read_gets_the_bytes()
    {
        var call = await Begin();
        var body = call.RequestBody;
        call.SendBody(1, 2, 3, 4, 5, 6, 7, 8, 9);
        call.SendBodyBuffer([10, 11, 12]);
        call.SendEnd();
        var bytes = new byte[4];
        Assert.Equal(1, body.ReadByte());
        Assert.Equal(2, body.Read(bytes, 2, 2));
        Assert.Equal([0, 0, 2, 3], bytes);
        Assert.Equal(1, body.Read(bytes.AsSpan(0, 1)));
        Assert.Equal(1, await body.ReadAsync(bytes, 1, 1));
        Assert.Equal(1, await body.ReadAsync(bytes.AsMemory(2, 1)));
        Assert.Equal(1, body.EndRead(body.BeginRead(bytes, 3, 1, null, null)));
        Assert.Equal([4, 5, 6, 7], bytes);
        var rest = new MemoryStream();
        await body.CopyToAsync(rest);
        Assert.Equal([8, 9, 10, 11, 12], rest.ToArray());
        Assert.Equal(0, body.Read(bytes));
        Assert.Equal(0, await body.ReadAsync(bytes));
        Assert.Equal(-1, body.ReadByte());
    }

    [Fact]
    public async Task One_read_takes_what_several_chunks_hold()
    {
        var call = await Begin();
        call.SendBody(1, 2);
        call.SendBody();
        call.SendBodyBuffer([3, 4]);
        call.SendBody(5);
        var bytes = new byte[10];
        Assert.Equal(5, await call.RequestBody.ReadAsync(bytes));
        Assert.Equal([1, 2, 3, 4, 5], bytes[..5]);
    }

    [Fact]
    public async Task A_read_waits_for_bytes_and_for_the_end()
    {
        var call = await Begin();
        var bytes = new byte[10];
        var reading = call.RequestBody.ReadAsync(bytes).AsTask();
        call.SendBody();
        Assert.False(reading.IsCompleted);
        call.SendBody(1);
        Assert.Equal(1, await reading.InTime());
        var blocked = Task.Run(() => call.RequestBody.Read(bytes));
        call.SendBody(2);
        Assert.Equal(1, await blocked.InTime());
        reading = call.RequestBody.ReadAsync(bytes).AsTask();
        blocked = Task.Run(() => call.RequestBody.Read(bytes));
        Assert.False(reading.IsCompleted);
        call.SendEnd();
        Assert.Equal(0, await reading.InTime());
        Assert.Equal(0, await blocked.InTime());
    }

    [Fact]
    public async Task A_read_of_zero_bytes_waits_for_some_and_takes_none()
    {
        var call = await Begin();
        var reading = call.RequestBody.ReadAsync(Memory<byte>.Empty).AsTask();
        await call.Inbox.Next(ToJs.RequestCredit);
        Assert.False(reading.IsCompleted);
        call.SendBody(1);
        Assert.Equal(0, await reading.InTime());
        Assert.Equal(0, call.RequestBody.Read([]));
        Assert.Equal(1, call.RequestBody.ReadByte());
        call.SendEnd();
        Assert.Equal(0, call.RequestBody.Read([]));
    }

    [Fact]
    public async Task A_cancelled_read_leaves_no_hole()
    {
        var call = await Begin();
        using var source = new CancellationTokenSource();
        var bytes = new byte[2];
        var cancelled = call.RequestBody.ReadAsync(bytes, source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(cancelled.InTime);
        call.SendBody(1, 2);
        Assert.Equal([0, 0], bytes);
        Assert.True(call.RequestBody.ReadAsync(bytes, new CancellationToken(true)).IsCanceled);
        Assert.Equal(2, await call.RequestBody.ReadAsync(bytes));
        Assert.Equal([1, 2], bytes);
    }

    [Fact]
    public async Task Credit_comes_back_in_steps_or_when_all_is_read()
    {
        var call = await Begin();
        var bytes = new byte[Window];
        var reading = call.RequestBody.ReadAsync(bytes).AsTask();
        await call.Inbox.Next(ToJs.RequestCredit);
        call.SendBodyBuffer(new byte[50_000]);
        Assert.Equal(50_000, await reading);
        Assert.Equal(50_000, (await call.Inbox.Next(ToJs.RequestCredit)).Word(ToJsRequestCredit.Bytes));
        call.SendBodyBuffer(new byte[100_000]);
        call.RequestBody.ReadExactly(bytes, 0, 60_000);
        call.Inbox.AssertNoMore();
        call.RequestBody.ReadExactly(bytes, 0, 10_000);
        Assert.Equal(70_000, (await call.Inbox.Next(ToJs.RequestCredit)).Word(ToJsRequestCredit.Bytes));
    }

    [Theory]
    [InlineData(RequestFlags.BodyConsumed)]
    [InlineData(RequestFlags.BodyAttached)]
    public async Task A_body_that_came_along_needs_no_credit(int flag)
    {
        var call = await Begin(flag);
        call.SendBody(1, 2);
        call.SendEnd();
        Assert.Equal(2, await call.RequestBody.ReadAsync(new byte[10]));
        Assert.Equal(0, await call.RequestBody.ReadAsync(new byte[10]));
        call.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task Nothing_is_granted_after_the_end()
    {
        var call = await Begin();
        call.SendBody(1);
        call.SendEnd();
        call.RequestBody.CopyTo(Stream.Null);
        call.Inbox.AssertNoMore();
    }

    [Theory]
    [InlineData("abort", typeof(IOException))]
    [InlineData("disconnect", typeof(IOException))]
    [InlineData("close", typeof(IOException))]
    [InlineData("end", typeof(ObjectDisposedException))]
    [InlineData("throw", typeof(ObjectDisposedException))]
    [InlineData("dispose", typeof(ObjectDisposedException))]
    public async Task What_ends_the_exchange_ends_the_readers(string how, Type error)
    {
        var call = await Begin();
        var waiting = call.RequestBody.ReadAsync(new byte[1]).AsTask();
        var blocked = Task.Run(() => call.RequestBody.ReadByte());
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
            case "end":
                call.End();
                break;
            case "throw":
                call.Throw(new FormatException());
                break;
            default:
                call.RequestBody.Dispose();
                break;
        }
        Assert.IsType(error, await Record.ExceptionAsync(waiting.InTime));
        Assert.IsType(error, await Record.ExceptionAsync(blocked.InTime));
        Assert.IsType(error, Record.Exception(() => call.RequestBody.ReadByte()));
        // What was on its way is dropped.
        call.SendBody(1);
        call.SendBodyBuffer([1]);
        Assert.IsType(error, Record.Exception(() => call.RequestBody.ReadByte()));
    }

    [Theory]
    [InlineData("abort")]
    [InlineData("end")]
    public async Task What_nobody_has_read_goes_back_to_the_pool(string how)
    {
        var call = await Begin();
        byte[] chunk = [.. Enumerable.Repeat((byte)0xa5, 5000)];
        // All of it on this thread, whose last array of that size the pool gives out first.
        call.SendBody(chunk);
        if (how == "abort")
            call.SendAbort();
        else
            call.End();
        Assert.Equal(chunk, ArrayPool<byte>.Shared.Rent(chunk.Length)[..chunk.Length]);
    }

    [Fact]
    public async Task An_environment_that_has_closed_has_no_buffers()
    {
        var call = await Begin();
        call.SendBodyBuffer([1]);
        FakeNative.Close(call.Node.Environment.Id);
        Assert.Throws<IOException>(() => call.RequestBody.ReadByte());
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 10, MemberType = typeof(Generator))]
    public async Task Generated_chunks_arrive_whole_within_the_window(int seed)
    {
        var generator = new Generator(seed);
        var call = await Begin();
        var app = Task.Run(() => ReadAll(call.RequestBody, new Generator(seed + 1000)));
        var sent = new List<byte>();
        while (sent.Count < 3 * Window)
        {
            if (Granted(call) <= sent.Count)
            {
                // The reader has more to grant: what it got is less than it asked for.
                await call.Inbox.Next(ToJs.RequestCredit);
                continue;
            }
            var chunk = generator.Bytes(generator.Pick(100, 16_000, 60_000));
            sent.AddRange(chunk);
            if (chunk.Length > FrameLimits.InlineBytes)
                call.SendBodyBuffer(chunk);
            else
                call.SendBody(chunk);
            Assert.InRange(Granted(call) - sent.Count, -60_000, Window);
        }
        call.SendEnd();
        Assert.Equal(sent, await app.InTime());
    }

    static async Task<byte[]> ReadAll(Stream body, Generator generator)
    {
        var all = new MemoryStream();
        for (int read = -1; read != 0; )
        {
            var buffer = new byte[generator.Pick(1, 1_000, 100_000)];
            using var source = new CancellationTokenSource();
            var reading = generator.Chance(20)
                ? Task.Run(() => body.Read(buffer))
                : body.ReadAsync(buffer, source.Token).AsTask();
            if (generator.Chance(20))
                source.Cancel();
            try
            {
                read = await reading;
            }
            catch (OperationCanceledException)
            {
                continue;
            }
            all.Write(buffer, 0, read);
        }
        return all.ToArray();
    }

    [Fact]
    public async Task It_is_a_stream_that_can_only_be_read()
    {
        var body = (await Begin()).RequestBody;
        Assert.Equal((true, false, false), (body.CanRead, body.CanSeek, body.CanWrite));
        body.Flush();
        Assert.Throws<NotSupportedException>(() => body.WriteByte(1));
        Assert.Throws<NotSupportedException>(() => body.Length);
        Assert.Throws<NotSupportedException>(() => body.Position);
        Assert.Throws<NotSupportedException>(() => body.Position = 0);
        Assert.Throws<NotSupportedException>(() => body.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => body.SetLength(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Read(new byte[1], 0, 2));
        await Assert.ThrowsAsync<ArgumentNullException>(() => body.ReadAsync(null!, 0, 0));
        body.Dispose();
        Assert.False(body.CanRead);
    }
}
