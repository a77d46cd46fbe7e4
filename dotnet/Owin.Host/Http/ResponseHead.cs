using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Owin.Host.Http;

/// <summary>
/// Status, reason and headers of a response, checked and as the bytes of a frame: room for the frame's words, then
/// name and value of every header line joined by NUL, then the reason. One instance a thread, used between two calls.
/// </summary>
internal sealed class ResponseHead
{
    const int WordsBytes = ToJsResponse.Payload;
    const int KeptBytes = 64 * 1024;

    [ThreadStatic]
    static ResponseHead? current;

    byte[] buffer = new byte[1024];
    int length;

    public int Status { get; private set; }

    /// <summary>What the headers promise, or -1.</summary>
    public long ContentLength { get; private set; }
    public int HeadersLength { get; private set; }
    public int ReasonLength { get; private set; }

    public Span<byte> Bytes => buffer.AsSpan(0, length);
    public Span<int> Words => MemoryMarshal.Cast<byte, int>(buffer.AsSpan(0, WordsBytes));
    public ReadOnlySpan<byte> Headers => buffer.AsSpan(WordsBytes, HeadersLength);

    /// <summary>Whether a response of this status has no body whatever its headers say (RFC 9110 §6.4.1).</summary>
    public bool HasNoBody => Status is 204 or 205 or 304;

    /// <summary>Reads the response keys. Throws <see cref="OwinException"/> naming what cannot be sent.</summary>
    public static ResponseHead Read(object? status, object? reason, object? headers)
    {
        var head = Begin();
        head.AddHeaders(headers);
        head.End(ReadStatus(status), ReadReason(reason));
        return head;
    }

    /// <summary>A head without anything yet: headers are added to it, then it is ended.</summary>
    public static ResponseHead Begin()
    {
        var head = current ??= new ResponseHead();
        head.length = WordsBytes;
        head.ContentLength = -1;
        head.HeadersLength = 0;
        return head;
    }

    /// <summary>What was added last is the last of the headers, or of the trailers.</summary>
    public void EndHeaders() => HeadersLength = length - WordsBytes;

    /// <summary>Completes the head. Throws as <see cref="Read" /> does.</summary>
    public void End(int status, string? reason)
    {
        // RFC 9110 §15.3.6: also where the head leaves before the end is known, and would be chunked.
        if (status == 205 && ContentLength < 0)
            AddHeader("Content-Length", ["0"]);
        EndHeaders();
        Status = status is >= 200 and <= 999 ? status : CheckStatus(status);
        if (!string.IsNullOrWhiteSpace(reason))
            AddText(reason, "key", OwinKeys.OwinResponseReasonPhrase);
        ReasonLength = length - WordsBytes - HeadersLength;
        if (Status is 204 or 205 && ContentLength > 0)
            throw Fault($"A response of status {Status} cannot have a Content-Length other than 0.");
    }

    /// <summary>Reads trailers as <see cref="Headers" />; throws as <see cref="Read" /> does.</summary>
    public static ResponseHead ReadTrailers(object trailers)
    {
        var head = Begin();
        head.AddHeaders(ResponseTrailers.Check(trailers));
        head.EndHeaders();
        return head;
    }

    static int ReadStatus(object? value) =>
        value switch
        {
            null => 200,
            int number => number,
            Enum or sbyte or byte or short or ushort or uint or long or ulong => CheckStatus(
                Convert.ToDecimal(value, CultureInfo.InvariantCulture)
            ),
            _ => throw Fault(
                $"'{OwinKeys.OwinResponseStatusCode}' holds a {value.GetType().FullName}; it takes an int or another integral type."
            ),
        };

    static int CheckStatus(decimal status) =>
        status switch
        {
            0 => 200,
            >= 200 and <= 999 => (int)status,
            _ => throw Fault($"'{OwinKeys.OwinResponseStatusCode}' is {status}; a response can have 200 to 999."),
        };

    void AddHeaders(object? headers)
    {
        switch (headers)
        {
            case null:
                break;
            case HeaderDictionary own:
                foreach (var (name, values) in own.Entries)
                    AddHeader(name, values);
                break;
            case IDictionary<string, string[]> others:
                foreach (var (name, values) in others)
                    AddHeader(name, values);
                break;
            default:
                throw Fault(
                    $"'{OwinKeys.OwinResponseHeaders}' holds a {headers.GetType().FullName}; it takes an IDictionary<string, string[]>."
                );
        }
    }

    /// <summary>Adds a header, one line for each value that is not null. Throws as <see cref="Read" /> does.</summary>
    public void AddHeader(string name, ReadOnlySpan<string?> values)
    {
        if (values.IsEmpty)
            return;
        if (!IsToken(name))
            throw Fault($"'{Printable(name)}' is no header name.");
        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            values = ReadContentLength(values);
        else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            values = ReadTransferEncoding(values);
        foreach (var value in values)
        {
            if (value == null)
                continue;
            if (length > WordsBytes)
                Add(0);
            AddText(name, "name", name);
            Add(0);
            AddText(value, "value of the header", name);
        }
    }

    // RFC 9110 §5.6.2. A loop: names are short, and SearchValues would be compiled at each start of the process.
    static bool IsToken(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c))
                return false;
        }
        return name.Length > 0;
    }

    ReadOnlySpan<string?> ReadContentLength(ReadOnlySpan<string?> values)
    {
        string? only = null;
        foreach (var value in values)
        {
            if (value == null)
                continue;
            if (only != null && only != value)
                throw Fault($"Content-Length is set twice, to '{Printable(only)}' and '{Printable(value)}'.");
            only = value;
        }
        if (only == null)
            return [];
        if (!long.TryParse(only, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            throw Fault($"Content-Length is '{Printable(only)}', which is no number of bytes.");
        // A dictionary of the app's own may hold it in two casings.
        if (ContentLength >= 0 && ContentLength != number)
            throw Fault($"Content-Length is set twice, to '{ContentLength}' and '{number}'.");
        if (ContentLength >= 0)
            return [];
        ContentLength = number;
        return values[..1].SequenceEqual([only]) ? values[..1] : new[] { only };
    }

    // The server frames the body itself, so a lone `chunked` only says what it does anyway.
    static ReadOnlySpan<string?> ReadTransferEncoding(ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (value != null && !value.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase))
                throw Fault($"Transfer-Encoding is '{Printable(value)}'; the server only sends 'chunked'.");
        }
        return [];
    }

    static string? ReadReason(object? reason) =>
        reason is null or string
            ? (string?)reason
            : throw Fault(
                $"'{OwinKeys.OwinResponseReasonPhrase}' holds a {reason.GetType().FullName}; it takes a string."
            );

    void AddText(string text, string kind, string name)
    {
        Reserve(text.Length);
        var target = buffer.AsSpan(length, text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is < ' ' and not '\t' or '\x7f' or > '\xff')
                throw Fault($"The {kind} '{name}' holds the character U+{(int)c:X4}, which cannot be sent.");
            target[i] = (byte)c;
        }
        length += text.Length;
    }

    void Add(byte value)
    {
        Reserve(1);
        buffer[length++] = value;
    }

    void Reserve(int more)
    {
        if (length + more > buffer.Length)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + more));
    }

    /// <summary>Gives back what an unusually large head has grown.</summary>
    public void Trim()
    {
        if (buffer.Length > KeptBytes)
            current = null;
    }

    static string Printable(string text)
    {
        var printable = new StringBuilder();
        foreach (char c in text.Length > 100 ? text[..100] : text)
            printable.Append(char.IsControl(c) ? $"\\u{(int)c:x4}" : c);
        return printable.ToString();
    }

    static OwinException Fault(string message) => new(ErrorCodes.Response, message);
}
