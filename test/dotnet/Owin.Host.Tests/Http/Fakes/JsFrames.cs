using System.Runtime.InteropServices;
using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>Frames as src/http/frame-writer.ts writes them.</summary>
static class JsFrames
{
    public static byte[] Frame(int type, int slot, int generation, int[] words, ReadOnlySpan<byte> payload = default)
    {
        int start = (FrameHeader.Words + words.Length) * 4;
        int length = (start + payload.Length + 7) / 8 * 8;
        var frame = new byte[length];
        int[] head = [length, type, slot, generation, .. words];
        MemoryMarshal.AsBytes<int>(head).CopyTo(frame);
        payload.CopyTo(frame.AsSpan(start));
        return frame;
    }

    public static byte[] Request(RequestFields request, int slot, int generation, int app = 1)
    {
        var fields = request.ToArray();
        var payload = Encoding.Latin1.GetBytes(string.Join('\0', fields));
        return Frame(ToClr.Request, slot, generation, [app, request.Flags, fields.Length, payload.Length], payload);
    }

    public static byte[] Body(int slot, int generation, ReadOnlySpan<byte> chunk) =>
        Frame(ToClr.RequestBody, slot, generation, [chunk.Length], chunk);

    public static byte[] BodyBuffer(int slot, int generation, int length, int buffer = 0) =>
        Frame(ToClr.RequestBodyBuffer, slot, generation, [buffer, length]);

    public static byte[] End(int slot, int generation) => Frame(ToClr.RequestEnd, slot, generation, [0, 0]);

    public static byte[] Credit(int slot, int generation, int bytes) =>
        Frame(ToClr.ResponseCredit, slot, generation, [bytes]);

    public static byte[] Abort(int slot, int generation) => Frame(ToClr.Abort, slot, generation, [0]);

    public static byte[] Upgraded(int slot, int generation) => Frame(ToClr.Upgraded, slot, generation, []);

    public static byte[] NextDone(int slot, int generation, int status, bool failed = false) =>
        Frame(ToClr.NextDone, slot, generation, [status, failed ? NextDoneFlags.Failed : 0]);

    public static byte[] FileDone(int file, int flags, long sent, string message = "")
    {
        var payload = Encoding.UTF8.GetBytes(message);
        return Frame(ToClr.FileDone, file, 0, [flags, (int)sent, (int)(sent >> 32), payload.Length], payload);
    }

    public static byte[] SendingHeaders(int slot, int generation, int number, int status, string headers) =>
        Frame(
            ToClr.SendingHeaders,
            slot,
            generation,
            [number, status, headers.Length],
            Encoding.Latin1.GetBytes(headers)
        );

    public static byte[] Command(int number, params string[] fields)
    {
        var payload = TextFields.Write(fields);
        return Frame(ToClr.Command, number, 0, [payload.Length], payload);
    }
}

/// <summary>What the head of a request says; a request for `/` over TCP where a test says nothing else.</summary>
sealed record RequestFields
{
    public string Method { get; init; } = "GET";
    public string Mount { get; init; } = "";
    public string Url { get; init; } = "/";
    public string? OriginalUrl { get; init; }
    public string HttpVersion { get; init; } = "1.1";
    public string ConnectionId { get; init; } = "c-1";
    public string Scheme { get; init; } = "http";
    public string RemoteAddress { get; init; } = "192.0.2.7";
    public string RemotePort { get; init; } = "50123";
    public string LocalAddress { get; init; } = "192.0.2.1";
    public string LocalPort { get; init; } = "3000";

    /// <summary>name, value, name, value, …</summary>
    public string[] Headers { get; init; } = ["Host", "example.test"];
    public int Flags { get; init; }

    /// <summary>A POST whose body has no length announced.</summary>
    public static RequestFields WithBody =>
        new() { Method = "POST", Headers = ["Host", "example.test", "Transfer-Encoding", "chunked"] };

    public string[] ToArray() =>
        [
            Method,
            Mount,
            Url,
            OriginalUrl ?? Mount + Url,
            HttpVersion,
            ConnectionId,
            Scheme,
            RemoteAddress,
            RemotePort,
            LocalAddress,
            LocalPort,
            .. Headers,
        ];

    public RequestHead Parse()
    {
        var fields = ToArray();
        var head = RequestHead.Parse(
            Encoding.Latin1.GetBytes(string.Join('\0', fields)),
            fields.Length,
            out var refusal
        );
        Assert.Null(refusal);
        return head!;
    }
}
