using Owin.Host.Http;

namespace Owin.Host.Hosting;

/// <summary>
/// What one app has logged, on its way to JavaScript. One frame of messages is under way at a time; those that come
/// meanwhile wait for it. Above <see cref="MostWaiting" /> characters they are dropped and counted.
/// <para>Threads: any.</para>
/// <para>Invariant: while no frame is under way nothing waits and nothing has been dropped.</para>
/// </summary>
internal sealed class LogQueue(ulong environment, int version)
{
    const int MostWaiting = 256 * 1024;

    // Node's thread reads a frame in one go.
    const int MostInFrame = 32 * 1024;
    const int MostInMessage = 64 * 1024;

    // What the objects of a message take beside its characters.
    const int Overhead = 64;

    static readonly Dictionary<(ulong Environment, int Version), LogQueue> open = [];

    readonly object gate = new();
    readonly Queue<(string[] Fields, int Length)> waiting = [];
    int size;
    int dropped;
    bool underWay;
    volatile bool closed;

    public bool IsClosed => closed;

    public static LogQueue Open(ulong environment, int version)
    {
        var queue = new LogQueue(environment, version);
        lock (open)
            open.Add((environment, version), queue);
        return queue;
    }

    /// <summary>JavaScript has read the frame that was under way.</summary>
    public static void Taken(ulong environment, int version)
    {
        LogQueue? queue;
        lock (open)
            open.TryGetValue((environment, version), out queue);
        queue?.Taken();
    }

    /// <summary>Takes a message, be it to drop it. False: the queue is closed.</summary>
    public bool Add(
        string level,
        string category,
        string message,
        Exception? error,
        IReadOnlyList<string>? scopes = null
    )
    {
        if (message.Length > MostInMessage)
            message = $"{message.AsSpan(0, MostInMessage)}… (cut off: {message.Length} characters)";
        string[] errorFields = error == null ? [] : ErrorFields.Write(error);
        string[] fields = [level, category, message, errorFields.Length.ToString(), .. errorFields];
        if (scopes is { Count: > 0 })
            fields = [.. scopes.SelectMany(each => (string[])[LogLevels.Scope, category, each, "0"]), .. fields];
        int length = Overhead + fields.Sum(field => field.Length);
        lock (gate)
        {
            if (closed)
                return false;
            if (size > 0 && size + length > MostWaiting)
            {
                dropped++;
                return true;
            }
            waiting.Enqueue((fields, length));
            size += length;
            if (!underWay)
                Send();
            return true;
        }
    }

    /// <summary>Sends what waits, and takes no more.</summary>
    public void Close()
    {
        lock (open)
            open.Remove((environment, version));
        lock (gate)
        {
            while (waiting.Count > 0 || dropped > 0)
                Send();
            closed = true;
        }
    }

    void Taken()
    {
        lock (gate)
        {
            underWay = false;
            if (waiting.Count > 0 || dropped > 0)
                Send();
        }
    }

    void Send()
    {
        var frame = new List<string> { dropped.ToString() };
        int length = 0;
        while (length < MostInFrame && waiting.TryDequeue(out var message))
        {
            frame.AddRange(message.Fields);
            length += message.Length;
        }
        size -= length;
        dropped = 0;
        underWay = true;
        if (!FrameWriter.Log(environment, version, frame))
            closed = true;
    }
}
