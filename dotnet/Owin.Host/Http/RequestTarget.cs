using System.Text;

namespace Owin.Host.Http;

/// <summary>The parts of a request target (RFC 9112 §3.2) as OWIN wants them: decoded once, queries left alone.</summary>
internal static class RequestTarget
{
    /// <summary>Where the handler is mounted: decoded, the client's casing, without a trailing slash.</summary>
    public static string PathBase(ReadOnlySpan<byte> mount, bool keepSlash = false) =>
        mount.IsEmpty ? "" : Decode(mount, keepSlash).TrimEnd('/');

    /// <summary>
    /// The path below the mount: decoded, then without dot segments. Empty where the url has none.
    /// <paramref name="keepSlash" />: an encoded slash stays encoded.
    /// </summary>
    public static string Path(ReadOnlySpan<byte> url, bool keepSlash = false)
    {
        if (url.SequenceEqual("*"u8))
            return "/";
        var raw = RawPath(url);
        if (raw.IsEmpty)
            return AuthorityLength(url) >= 0 ? "/" : "";
        var path = Decode(raw, keepSlash);
        return RemoveDotSegments(path[0] == '/' ? path : "/" + path);
    }

    /// <summary>Mount, path and query, nothing decoded; a slash where there is no path.</summary>
    public static string Raw(ReadOnlySpan<byte> mount, ReadOnlySpan<byte> url)
    {
        var path = url.SequenceEqual("*"u8) ? default : RawPath(url);
        var text = Encoding.Latin1.GetString(mount).TrimEnd('/') + Encoding.Latin1.GetString(path);
        var query = Query(url);
        return (text.StartsWith('/') ? text : "/" + text) + (query.Length > 0 ? "?" + query : "");
    }

    /// <summary>What follows the first question mark, raw. <paramref name="keepMark" />: with the mark itself.</summary>
    public static string Query(ReadOnlySpan<byte> url, bool keepMark = false)
    {
        url = CutFragment(url);
        int mark = url.IndexOf((byte)'?');
        return mark < 0 ? "" : Encoding.Latin1.GetString(url[(keepMark ? mark : mark + 1)..]);
    }

    /// <summary>The authority of an absolute-form target, or null.</summary>
    public static string? Authority(ReadOnlySpan<byte> url)
    {
        int length = AuthorityLength(url);
        if (length <= 0)
            return null;
        int start = url.IndexOf("://"u8) + 3;
        var authority = url.Slice(start, length);
        return Encoding.Latin1.GetString(authority[(authority.LastIndexOf((byte)'@') + 1)..]);
    }

    /// <summary>Whether the path holds a percent-encoded NUL.</summary>
    public static bool HasNul(ReadOnlySpan<byte> url) => RawPath(url).IndexOf("%00"u8) >= 0;

    static ReadOnlySpan<byte> RawPath(ReadOnlySpan<byte> url)
    {
        url = CutFragment(url);
        int mark = url.IndexOf((byte)'?');
        if (mark >= 0)
            url = url[..mark];
        int authority = AuthorityLength(url);
        return authority < 0 ? url : url[(url.IndexOf("://"u8) + 3 + authority)..];
    }

    static ReadOnlySpan<byte> CutFragment(ReadOnlySpan<byte> url)
    {
        int hash = url.IndexOf((byte)'#');
        return hash < 0 ? url : url[..hash];
    }

    // -1 where the target is not in absolute form.
    static int AuthorityLength(ReadOnlySpan<byte> url)
    {
        if (url.IsEmpty || url[0] == '/' || url[0] == '?')
            return -1;
        int scheme = url.IndexOf("://"u8);
        if (scheme < 0 || !IsScheme(url[..scheme]))
            return -1;
        int length = url[(scheme + 3)..].IndexOfAny("/?#"u8);
        return length < 0 ? url.Length - scheme - 3 : length;
    }

    static bool IsScheme(ReadOnlySpan<byte> name)
    {
        foreach (byte b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'-' or (byte)'.'))
                return false;
        }
        return name.Length > 0;
    }

    // Percent-decodes UTF-8. What is no valid UTF-8 stays as it was written.
    static string Decode(ReadOnlySpan<byte> raw, bool keepSlash = false)
    {
        if (raw.IndexOf((byte)'%') < 0 && Ascii.IsValid(raw))
            return Encoding.Latin1.GetString(raw);
        var text = new StringBuilder(raw.Length);
        Span<byte> sequence = stackalloc byte[4];
        Span<int> ends = stackalloc int[4];
        Span<char> chars = stackalloc char[2];
        while (!raw.IsEmpty)
        {
            // Up to four bytes, decoded, with the length each had in the source.
            int count = 0,
                at = 0;
            while (count < 4 && at < raw.Length)
            {
                at += ReadByte(raw[at..], out sequence[count]);
                ends[count++] = at;
            }
            var status = Rune.DecodeFromUtf8(sequence[..count], out var rune, out int consumed);
            if (status == System.Buffers.OperationStatus.Done && !(keepSlash && rune.Value == '/'))
                text.Append(chars[..rune.EncodeToUtf16(chars)]);
            else
                text.Append(Encoding.Latin1.GetString(raw[..ends[consumed - 1]]));
            raw = raw[ends[consumed - 1]..];
        }
        return text.ToString();
    }

    static int ReadByte(ReadOnlySpan<byte> raw, out byte value)
    {
        if (
            raw.Length >= 3
            && raw[0] == '%'
            && HexValue(raw[1]) is >= 0 and var high
            && HexValue(raw[2]) is >= 0 and var low
        )
        {
            value = (byte)(high << 4 | low);
            return 3;
        }
        value = raw[0];
        return 1;
    }

    static int HexValue(byte digit) =>
        digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            _ => -1,
        };

    // RFC 3986 §5.2.4 on a path that begins with a slash; empty segments stay.
    static string RemoveDotSegments(string path)
    {
        if (!path.Contains("/."))
            return path;
        var segments = path.Split('/');
        var kept = new List<string>(segments.Length);
        for (int i = 1; i < segments.Length; i++)
        {
            bool last = i == segments.Length - 1;
            if (segments[i] is "." or "..")
            {
                if (segments[i] == ".." && kept.Count > 0)
                    kept.RemoveAt(kept.Count - 1);
                if (last)
                    kept.Add("");
            }
            else
            {
                kept.Add(segments[i]);
            }
        }
        return "/" + string.Join('/', kept);
    }
}
