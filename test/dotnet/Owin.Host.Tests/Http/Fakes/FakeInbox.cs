using System.Threading.Channels;

namespace Owin.Host.Tests.Http;

/// <summary>The frames that .NET has posted to one environment, in order.</summary>
sealed class FakeInbox
{
    readonly Lock gate = new();
    readonly List<PostedFrame> all = [];
    readonly Channel<PostedFrame> unread = Channel.CreateUnbounded<PostedFrame>();
    int count;

    /// <summary>False: frames are counted only, so that nothing is allocated here.</summary>
    public bool Keeps { get; init; } = true;

    public int Count => Volatile.Read(ref count);

    public PostedFrame[] All
    {
        get
        {
            lock (gate)
                return [.. all];
        }
    }

    /// <summary>Replies to what JavaScript waits for, with their numbers.</summary>
    public Channel<(int Number, PostedFrame Frame)> Replies { get; } = Channel.CreateUnbounded<(int, PostedFrame)>();

    public int AddReply(int number, ReadOnlySpan<byte> frame)
    {
        Replies.Writer.TryWrite((number, new PostedFrame(frame.ToArray(), [])));
        return 0;
    }

    public int Add(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        if (Keeps)
        {
            var frame = new PostedFrame(head.ToArray(), payload.ToArray());
            lock (gate)
            {
                all.Add(frame);
                unread.Writer.TryWrite(frame);
            }
        }
        Interlocked.Increment(ref count);
        return 0;
    }

    /// <summary>The next frame that nobody has read, once it is there.</summary>
    public async Task<PostedFrame> Next()
    {
        var frame = await unread.Reader.ReadAsync().AsTask().InTime();
        frame.CheckForm();
        return frame;
    }

    /// <summary>The next frame, which must be of the type.</summary>
    public async Task<PostedFrame> Next(int type)
    {
        var frame = await Next();
        Assert.Equal(type, frame.Type);
        return frame;
    }

    /// <summary>Nothing has been posted that was not read.</summary>
    public void AssertNoMore() =>
        Assert.False(unread.Reader.TryPeek(out var frame), $"There is a frame more, of type {frame?.Type}.");
}
