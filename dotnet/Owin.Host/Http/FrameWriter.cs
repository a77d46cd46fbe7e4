using System.Runtime.InteropServices;

namespace Owin.Host.Http;

/// <summary>
/// Writes the frames that JavaScript's frame-reader reads. Any thread; each call posts one whole frame and returns
/// false when the environment has closed.
/// <para>stackalloc, because each length of a collection expression is code that every start would compile.</para>
/// </summary>
internal static class FrameWriter
{
    /// <summary>Posts a frame without payload; <paramref name="word"/> is its own word where it has one.</summary>
    public static bool Signal(Exchange exchange, int type, int word = 0)
    {
        Span<int> head = stackalloc int[] { 0, type, exchange.Slot, exchange.Generation, word, 0 };
        return Post(exchange.Environment.Id, head, default);
    }

    /// <summary>Posts a body chunk; <paramref name="later" />: Node's thread need not be woken for it.</summary>
    public static bool Body(Exchange exchange, ReadOnlySpan<byte> chunk, bool later)
    {
        Span<int> head = stackalloc int[] { 0, ToJs.ResponseBody, exchange.Slot, exchange.Generation, chunk.Length };
        return Post(exchange.Environment.Id, head, chunk, later);
    }

    /// <summary>Posts the head of a response with its first body bytes.</summary>
    public static bool Response(Exchange exchange, ResponseHead head, int flags, ReadOnlySpan<byte> body) =>
        Bridge.Post(exchange.Environment.Id, ResponseFrame(exchange, head, flags, body), body);

    // All of the frame but the body, for which it has the room's length.
    static Span<byte> ResponseFrame(Exchange exchange, ResponseHead head, int flags, ReadOnlySpan<byte> body)
    {
        var bytes = head.Bytes;
        var words = head.Words;
        words[FrameHeader.Type] = ToJs.Response;
        words[FrameHeader.Slot] = exchange.Slot;
        words[FrameHeader.Generation] = exchange.Generation;
        words[ToJsResponse.Status] = head.Status;
        words[ToJsResponse.Flags] = flags | (head.ContentLength >= 0 ? ResponseFlags.HasContentLength : 0);
        words[ToJsResponse.HeadersLength] = head.HeadersLength;
        words[ToJsResponse.ReasonLength] = head.ReasonLength;
        words[ToJsResponse.PayloadLength] = body.Length;
        words[FrameHeader.Length] = Padded(bytes.Length + body.Length);
        return bytes;
    }

    /// <summary>Posts the headers that an app set before it went on with <c>next</c>.</summary>
    public static bool Next(Exchange exchange, ResponseHead head, int flags)
    {
        var (slot, generation) = (exchange.Slot, exchange.Generation);
        Span<int> words = stackalloc int[] { 0, ToJs.Next, slot, generation, head.Status, flags, head.HeadersLength };
        return Post(exchange.Environment.Id, words, head.Headers);
    }

    /// <summary>Posts a part of a file as the next of the body.</summary>
    public static bool File(Exchange exchange, int number, FileRange range)
    {
        Span<int> head = stackalloc int[]
        {
            0,
            ToJs.SendFile,
            exchange.Slot,
            exchange.Generation,
            number,
            (int)range.Offset,
            (int)(range.Offset >> 32),
            (int)range.Count,
            (int)(range.Count >> 32),
            0,
        };
        var path = System.Text.Encoding.UTF8.GetBytes(range.Path);
        head[^1] = path.Length;
        return Post(exchange.Environment.Id, head, path);
    }

    /// <summary>Replies to <c>sendingHeaders</c> with the head to send.</summary>
    public static void Reply(Exchange exchange, int number, ResponseHead head) =>
        Bridge.Reply(exchange.Environment.Id, number, ResponseFrame(exchange, head, 0, default));

    /// <summary>Replies to <c>sendingHeaders</c> with what a callback threw.</summary>
    public static void Reply(Exchange exchange, int number, Exception error)
    {
        var payload = TextFields.Write(ErrorFields.Write(error));
        Span<int> head = stackalloc int[] { 0, ToJs.Failed, exchange.Slot, exchange.Generation, payload.Length };
        var bytes = MemoryMarshal.AsBytes(head);
        head[FrameHeader.Length] = Padded(bytes.Length + payload.Length);
        Bridge.Reply(exchange.Environment.Id, number, [.. bytes, .. payload]);
    }

    /// <summary>Posts the call of a function of JavaScript's.</summary>
    public static bool Call(ulong environment, int number, int function, ReadOnlySpan<byte> argument)
    {
        Span<int> words = stackalloc int[] { 0, ToJs.Call, number, 0, function, argument.Length };
        return Post(environment, words, argument);
    }

    /// <summary>Posts what a function has returned, as a value; nothing for none.</summary>
    public static bool Returned(ulong environment, int slot, int generation, ReadOnlySpan<byte> value)
    {
        Span<int> words = stackalloc int[] { 0, ToJs.Returned, slot, generation, value.Length };
        return Post(environment, words, value);
    }

    /// <summary>Posts that .NET has nothing of a function of JavaScript's any more.</summary>
    public static bool ReleaseFunction(ulong environment, int function)
    {
        Span<int> words = stackalloc int[] { 0, ToJs.ReleaseFunction, function, 0 };
        return Post(environment, words, default);
    }

    /// <summary>Posts the user that the app has set, as a value.</summary>
    public static bool User(Exchange exchange, ReadOnlySpan<byte> value)
    {
        Span<int> words = stackalloc int[] { 0, ToJs.User, exchange.Slot, exchange.Generation, value.Length };
        return Post(exchange.Environment.Id, words, value);
    }

    /// <summary>Posts the end of a response that has trailers.</summary>
    public static bool Trailers(Exchange exchange, ResponseHead trailers)
    {
        var lines = trailers.Headers;
        int fields = lines.Count((byte)0) + 1;
        Span<int> words = stackalloc int[]
        {
            0,
            ToJs.ResponseEnd,
            exchange.Slot,
            exchange.Generation,
            fields,
            lines.Length,
        };
        return Post(exchange.Environment.Id, words, lines);
    }

    /// <summary>Posts the headers of a 101.</summary>
    public static bool Upgrade(Exchange exchange, ResponseHead head)
    {
        Span<int> words = stackalloc int[] { 0, ToJs.Upgrade, exchange.Slot, exchange.Generation, head.HeadersLength };
        return Post(exchange.Environment.Id, words, head.Headers);
    }

    /// <summary>Posts an error, or none.</summary>
    public static bool Error(ulong environment, int type, int slot, int generation, Exception? error, int held = 0)
    {
        Span<int> head = stackalloc int[] { 0, type, slot, generation, 0 };
        var payload = error == null ? [] : TextFields.Write(ErrorFields.Write(error, environment, held));
        head[4] = payload.Length;
        bool posted = Post(environment, head, payload);
        // Finalized before, it would tell JavaScript to forget the error that it stands for before this comes.
        GC.KeepAlive(error);
        return posted;
    }

    /// <summary>Posts what a command answered.</summary>
    public static bool Result(ulong environment, int command, IReadOnlyList<string> fields) =>
        Texts(environment, ToJs.Result, command, fields);

    /// <summary>Posts what an app has logged.</summary>
    public static bool Log(ulong environment, int version, IReadOnlyList<string> fields) =>
        Texts(environment, ToJs.Log, version, fields);

    /// <summary>Posts that an app has begun to end by itself.</summary>
    public static bool AppStopping(ulong environment, int version)
    {
        Span<int> head = stackalloc int[] { 0, ToJs.AppStopping, version, 0 };
        return Post(environment, head, default);
    }

    /// <summary>Posts what an app wrote to the console before its start failed.</summary>
    public static bool StartOutput(ulong environment, int version, string text) =>
        Texts(environment, ToJs.StartOutput, version, [text]);

    static bool Texts(ulong environment, int type, int slot, IReadOnlyList<string> fields)
    {
        var payload = TextFields.Write(fields);
        Span<int> head = stackalloc int[] { 0, type, slot, 0, payload.Length };
        return Post(environment, head, payload);
    }

    static bool Post(ulong environment, Span<int> head, ReadOnlySpan<byte> payload, bool later = false)
    {
        var bytes = MemoryMarshal.AsBytes(head);
        head[FrameHeader.Length] = Padded(bytes.Length + payload.Length);
        return later ? Bridge.PostLater(environment, bytes, payload) : Bridge.Post(environment, bytes, payload);
    }

    static int Padded(int length) => (length + FrameHeader.Alignment - 1) & -FrameHeader.Alignment;
}
