using System.Runtime.InteropServices;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class FrameReaderTests
{
    static readonly byte[] Unknown = JsFrames.Frame(99, slot: 3, generation: 9, []);

    /// <summary>Says what the frame reader reported, through the same frames as every unhandled exception.</summary>
    static async Task<string> Reported(FakeNode node) => (await node.Inbox.Next(ToJs.Unhandled)).ErrorMessage;

    static FakeNode Node() => new(_ => Task.CompletedTask);

    [Fact]
    public async Task Frames_of_a_batch_are_read_in_order()
    {
        var call = await HeldCall.Begin(RequestFields.WithBody);
        var reading = call.RequestBody.ReadAsync(new byte[10]);
        call.Node.Send(
            JsFrames.Body(3, 9, "ab"u8),
            JsFrames.BodyBuffer(3, 8, 1), // of a generation that is over
            JsFrames.BodyBuffer(3, 9, 1),
            JsFrames.End(3, 9)
        );
        Assert.Equal(2, await reading);
    }

    [Fact]
    public async Task A_frame_names_its_buffer_and_may_leave_others_unread()
    {
        var call = await HeldCall.Begin(RequestFields.WithBody);
        call.Node.Send(
            [.. JsFrames.BodyBuffer(3, 8, 1), .. JsFrames.BodyBuffer(3, 9, 1, buffer: 2)],
            [FakeNode.Buffer("1"u8.ToArray()), FakeNode.Buffer("2"u8.ToArray()), FakeNode.Buffer("3"u8.ToArray())]
        );
        Assert.Equal('3', call.RequestBody.ReadByte());
    }

    [Fact]
    public async Task A_frame_that_is_damaged_does_not_hide_the_next_one()
    {
        var call = await HeldCall.Begin(RequestFields.WithBody);
        var damaged = JsFrames.Body(3, 9, "ab"u8);
        MemoryMarshal.Cast<byte, int>(damaged.AsSpan())[ToClrRequestBody.PayloadLength] = 1000;
        call.Node.Send(damaged, JsFrames.Body(3, 9, "c"u8));
        Assert.NotEmpty(await Reported(call.Node));
        Assert.Equal('c', call.RequestBody.ReadByte());
    }

    [Fact]
    public async Task An_unknown_type_is_reported()
    {
        var call = await HeldCall.Begin();
        call.Node.Send(Unknown);
        var frame = await call.Inbox.Next(ToJs.Unhandled);
        Assert.Equal(ErrorCodes.Protocol, frame.ErrorCode);
        Assert.Equal("A frame has the unknown type 99.", frame.ErrorMessage);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(1_000)]
    [InlineData(-16)]
    [InlineData(int.MinValue)]
    public async Task A_length_that_cannot_be_ends_the_batch(int length)
    {
        var node = Node();
        var frame = JsFrames.Request(new(), 0, 1);
        MemoryMarshal.Cast<byte, int>(frame.AsSpan())[FrameHeader.Length] = length;
        node.Send(frame, JsFrames.Request(new(), 1, 1));
        Assert.Contains($"a frame of {length} bytes where ", await Reported(node));
        node.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task Less_than_a_header_ends_the_batch()
    {
        var node = Node();
        node.Send(new byte[8]);
        Assert.Contains("a frame of 0 bytes where 8 are left", await Reported(node));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public async Task A_missing_buffer_is_reported(int buffer)
    {
        var call = await HeldCall.Begin(RequestFields.WithBody);
        call.Node.Send(JsFrames.BodyBuffer(3, 9, 5, buffer), [FakeNode.Buffer("1"u8.ToArray())]);
        Assert.NotEmpty(await Reported(call.Node));
    }

    [Fact]
    public async Task A_request_for_an_app_that_is_gone_fails()
    {
        var node = Node();
        node.Send(JsFrames.Request(new(), 4, 2, app: 77));
        var frame = await node.Inbox.Next(ToJs.Failed);
        Assert.Equal((4, 2, ErrorCodes.AppClosed), (frame.Slot, frame.Generation, frame.ErrorCode));
    }

    [Fact]
    public async Task A_refused_request_fails()
    {
        var node = Node();
        node.Request(new() { Headers = ["Host", "a", "Host", "b"] }, slot: 4, generation: 2);
        var frame = await node.Inbox.Next(ToJs.Failed);
        Assert.Equal((4, 2, ErrorCodes.BadRequest), (frame.Slot, frame.Generation, frame.ErrorCode));
        Assert.Null(node.Environment.Find(4, 2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public async Task A_slot_that_cannot_be_is_reported_and_takes_no_memory(int slot)
    {
        var node = Node();
        long before = GC.GetAllocatedBytesForCurrentThread();
        node.Request(new(), slot);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.NotEmpty(await Reported(node));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("load")]
    [InlineData("close", "x")]
    [InlineData]
    public async Task A_command_that_cannot_be_answers_an_error(params string[] fields)
    {
        var node = Node();
        node.Send(JsFrames.Command(5, fields));
        Assert.Equal(5, (await node.Inbox.Next(ToJs.Error)).Slot);
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 30, MemberType = typeof(Generator))]
    public async Task Garbage_is_survived(int seed)
    {
        var generator = new Generator(seed);
        var call = await HeldCall.Begin(RequestFields.WithBody with { Flags = RequestFlags.HasNext });
        for (int i = 0; i < 100; i++)
        {
            var batch = new List<byte>();
            for (int frames = generator.Below(5); frames > 0; frames--)
                batch.AddRange(Damaged(AnyFrame(generator), generator));
            if (generator.Chance(20))
                batch.AddRange(generator.Bytes(100));
            JsBuffer[] buffers =
            [
                .. Enumerable.Range(0, generator.Below(3)).Select(_ => FakeNode.Buffer(generator.Bytes(50))),
            ];
            call.Node.Send([.. batch], buffers);
        }
        // The environment still works.
        call.Node.Request(new(), slot: 60, generation: 1);
        while ((await call.Inbox.Next()) is not { Slot: 60, Type: ToJs.Response or ToJs.Failed }) { }
    }

    static byte[] AnyFrame(Generator generator)
    {
        int slot = generator.Pick(3, 3, 3, 4, 50);
        int generation = generator.Pick(9, 9, 1);
        return generator.Below(12) switch
        {
            0 => JsFrames.Request(
                RequestFields.WithBody with
                {
                    Url = "/" + generator.Text(5),
                },
                generator.Below(50),
                1,
                app: 7
            ),
            1 or 2 => JsFrames.Body(slot, generation, generator.Bytes(50)),
            3 or 4 => JsFrames.BodyBuffer(slot, generation, generator.Below(50), generator.Below(3)),
            5 => JsFrames.End(slot, generation),
            6 or 7 => JsFrames.Credit(slot, generation, generator.Below(1000)),
            8 => JsFrames.NextDone(slot, generation, 200, generator.Chance(50)),
            9 when generator.Chance(10) => JsFrames.Abort(slot, generation),
            10 => JsFrames.Command(generator.Below(50), generator.Text(5), generator.Text(5)),
            _ => JsFrames.Frame(generator.Below(20), slot, generation, [generator.Below(100), -1, int.MaxValue]),
        };
    }

    static byte[] Damaged(byte[] frame, Generator generator)
    {
        var words = MemoryMarshal.Cast<byte, int>(frame.AsSpan());
        // The slot of a request stays a possible one: a table of any size would be made for it.
        if (generator.Chance(15))
            words[generator.Pick(0, 1, 3, words.Length - 1)] = generator.Pick(
                -1,
                0,
                8,
                24,
                1 << 20,
                int.MinValue,
                int.MaxValue
            );
        if (generator.Chance(15))
            return frame[..generator.Below(frame.Length)];
        return frame;
    }
}
