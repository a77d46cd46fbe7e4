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
    public bool HasNoBody => Status is 204 or 304;

    /// <summary>Reads the response keys. Throws <see cref="OwinException"/> naming what cannot be sent.</summary>
    public static ResponseHead Read(object? status, object? reason, object? headers)
    {
        var head = current ??= new ResponseHead();
        head.length = WordsBytes;
        head.ContentLength = -1;
        head.Status = ReadStatus(status);
        head.AddHeaders(headers);
        head.HeadersLength = head.length - WordsBytes;
        head.AddReason(reason);
        head.ReasonLength = head.length - WordsBytes - head.HeadersLength;
        if (head is { Status: 204, ContentLength: > 0 })
            throw Fault("A response of status 204 cannot have a Content-Length other than 0.");
        return head;
    }

    /// <summary>Reads trailers as <see cref="Headers" />; throws as <see cref="Read" /> does.</summary>
    public static ResponseHead ReadTrailers(object trailers)
    {
        var head = current ??= new ResponseHead();
        head.length = WordsBytes;
        head.AddHeaders(ResponseTrailers.Check(trailers));
        head.HeadersLength = head.length - WordsBytes;
        return head;
    }

    static int ReadStatus(object? value)
    {
        decimal status = value switch
        {
            null => 200,
            int number => number,
            Enum or sbyte or byte or short or ushort or uint or long or ulong => Convert.ToDecimal(
                value,
                CultureInfo.InvariantCulture
            ),
            _ => throw Fault(
                $"'{OwinKeys.OwinResponseStatusCode}' holds a {value.GetType().FullName}; it takes an int or another integral type."
            ),
        };
        if (status == 0)
            return 200;
        if (status is < 200 or > 999)
            throw Fault($"'{OwinKeys.OwinResponseStatusCode}' is {status}; a response can have 200 to 999.");
        return (int)status;
    }

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

    void AddHeader(string name, string?[]? values)
    {
        if (values == null || values.Length == 0)
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

    string?[] ReadContentLength(string?[] values)
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
        return [only];
    }

    // The server frames the body itself, so a lone `chunked` only says what it does anyway.
    static string?[] ReadTransferEncoding(string?[] values)
    {
        foreach (var value in values)
        {
            if (value != null && !value.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase))
                throw Fault($"Transfer-Encoding is '{Printable(value)}'; the server only sends 'chunked'.");
        }
        return [];
    }

    void AddReason(object? reason)
    {
        if (reason is null)
            return;
        if (reason is not string text)
            throw Fault(
                $"'{OwinKeys.OwinResponseReasonPhrase}' holds a {reason.GetType().FullName}; it takes a string."
            );
        if (!string.IsNullOrWhiteSpace(text))
            AddText(text, "key", OwinKeys.OwinResponseReasonPhrase);
    }

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
