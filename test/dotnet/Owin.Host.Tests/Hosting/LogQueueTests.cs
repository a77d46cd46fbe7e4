using Owin.Host.Hosting;
using Owin.Host.Http;
using Owin.Host.Tests.Http;

namespace Owin.Host.Tests.Hosting;

public class LogQueueTests
{
    const int Version = 3;

    readonly FakeInbox inbox = new();
    readonly ulong environment;
    readonly LogQueue queue;

    public LogQueueTests()
    {
        environment = FakeNative.Open(inbox);
        queue = LogQueue.Open(environment, Version);
    }

    bool Add(string text) => queue.Add("info", "stdout", text, null);

    void Take() => LogQueue.Taken(environment, Version);

    [Fact]
    public void What_comes_while_a_frame_is_under_way_waits_for_the_next()
    {
        Assert.True(Add("a") && Add("b") && Add("c"));
        var first = Assert.Single(inbox.All);
        Assert.Equal((ToJs.Log, Version), (first.Type, first.Slot));
        Assert.Equal(["0", "info", "stdout", "a", "0"], first.Fields);
        Take();
        Assert.Equal(["0", "info", "stdout", "b", "0", "info", "stdout", "c", "0"], inbox.All[1].Fields);
        Take();
        Assert.Equal(2, inbox.Count);
        Assert.True(Add("d"));
        Assert.Equal(3, inbox.Count);
    }

    [Fact]
    public void A_flood_is_counted_and_leaves_in_frames_that_are_read_at_once()
    {
        const int Messages = 2_000;
        var text = new string('x', 1_000);
        for (int i = 0; i < Messages; i++)
            Assert.True(Add(text));
        for (int before = 0; before < inbox.Count; Take())
            before = inbox.Count;
        int came = inbox.All.Sum(frame => frame.Fields.Length / 4);
        int dropped = inbox.All.Sum(frame => int.Parse(frame.Fields[0]));
        Assert.InRange(came, 200, 270);
        Assert.Equal(Messages, came + dropped);
        Assert.All(inbox.All, frame => Assert.InRange(frame.Fields.Sum(field => field.Length), 1_000, 40_000));
    }

    [Fact]
    public void A_long_message_is_cut_off()
    {
        Add(new string('x', 100_000));
        var text = Assert.Single(inbox.All).Fields[3];
        Assert.EndsWith("x… (cut off: 100000 characters)", text);
        Assert.InRange(text.Length, 65_536, 66_000);
    }

    [Fact]
    public void An_exception_goes_along_as_fields()
    {
        queue.Add("error", "Acme", "failed", new InvalidOperationException("why"));
        var fields = Assert.Single(inbox.All).Fields;
        Assert.Equal(["9", "0", "", "System.InvalidOperationException", "why"], fields[4..9]);
        Assert.Equal(5 + ErrorFields.FieldsPerError, fields.Length);
    }

    [Fact]
    public void Closing_sends_what_waits_and_takes_no_more()
    {
        Assert.True(Add("a") && Add("b"));
        queue.Close();
        Assert.Equal("b", inbox.All[1].Fields[3]);
        Assert.False(Add("c"));
        Assert.True(queue.IsClosed);
        Take();
        Assert.Equal(2, inbox.Count);
    }
}
