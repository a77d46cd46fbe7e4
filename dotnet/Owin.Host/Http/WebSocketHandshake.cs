using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Owin.Host.Http;

/// <summary>What a client has sent to open a WebSocket (RFC 6455 §4.1).</summary>
/// <param name="Accept">the value of Sec-WebSocket-Accept that answers its key</param>
/// <param name="Headers">the request's headers</param>
internal sealed record WebSocketHandshake(string Accept, HeaderDictionary Headers)
{
    const int KeyBytes = 16;
    const int LowestVersion = 13;

    /// <summary>Null: the request is none, or not a whole one.</summary>
    public static WebSocketHandshake? Read(RequestHead head)
    {
        var headers = head.ReadHeaders();
        bool valid =
            head.Method == "GET"
            && Tokens(headers, "Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase)
            && int.TryParse(Single(headers, "Sec-WebSocket-Version"), CultureInfo.InvariantCulture, out int version)
            && version >= LowestVersion
            && IsKey(Single(headers, "Sec-WebSocket-Key"));
        return valid ? new(AcceptOf(Single(headers, "Sec-WebSocket-Key")!), headers) : null;
    }

    /// <summary>The comma-separated values of a header, of all its lines.</summary>
    public static IEnumerable<string> Tokens(HeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var lines)
            ? lines.SelectMany(line =>
                line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            )
            : [];

    static string? Single(HeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var lines) && lines is [var only] ? only.Trim() : null;

    static bool IsKey(string? text)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        return text?.Length == 24 && Convert.TryFromBase64String(text, key, out int length) && length == KeyBytes;
    }

    static string AcceptOf(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
