using System.Text;

namespace Owin.Host.Http;

/// <summary>
/// The head of a request as it crossed: latin-1 fields joined by NUL, first those named in protocol/frames.json, then
/// name and value of every header line. Text is made only of what somebody reads; the bytes are never reused, so an
/// environment that an app keeps stays readable.
/// </summary>
internal sealed class RequestHead
{
    enum Field
    {
        Method,
        Mount,
        Url,
        OriginalUrl,
        HttpVersion,
        ConnectionId,
        Scheme,
        RemoteAddress,
        RemotePort,
        LocalAddress,
        LocalPort,
        Count,
    }

    readonly byte[] bytes;
    readonly int linesAt;

    RequestHead(byte[] bytes)
    {
        this.bytes = bytes;
        linesAt = FieldReader.SkipFields(bytes, (int)Field.Count);
    }

    /// <summary>Whether the headers announce a body (RFC 9112 §6.3).</summary>
    public bool HasBody { get; private set; }

    public bool IsHead => Bytes(Field.Method).SequenceEqual("HEAD"u8);

    /// <summary>Null, and why, for a request that must be refused with 400.</summary>
    public static RequestHead? Parse(ReadOnlySpan<byte> payload, int fieldCount, out string? refusal)
    {
        int headerFields = fieldCount - (int)Field.Count;
        if (payload.Count((byte)0) != fieldCount - 1 || headerFields < 0 || headerFields % 2 != 0)
        {
            refusal = "A header holds a NUL.";
            return null;
        }
        var head = new RequestHead(payload.ToArray());
        refusal = head.Check();
        return refusal == null ? head : null;
    }

    public string Method =>
        Bytes(Field.Method) switch
        {
            var m when m.SequenceEqual("GET"u8) => "GET",
            var m when m.SequenceEqual("POST"u8) => "POST",
            var m when m.SequenceEqual("HEAD"u8) => "HEAD",
            var m when m.SequenceEqual("PUT"u8) => "PUT",
            var m when m.SequenceEqual("DELETE"u8) => "DELETE",
            var m => Encoding.Latin1.GetString(m),
        };

    public string Protocol =>
        Bytes(Field.HttpVersion) switch
        {
            var v when v.SequenceEqual("1.1"u8) => "HTTP/1.1",
            var v when v.SequenceEqual("1.0"u8) => "HTTP/1.0",
            var v when v.SequenceEqual("2.0"u8) => "HTTP/2",
            var v => "HTTP/" + Encoding.Latin1.GetString(v),
        };

    public bool IsHttp2 => Bytes(Field.HttpVersion).SequenceEqual("2.0"u8);

    /// <summary>Whether a response may have trailers.</summary>
    public bool TakesTrailers => !Bytes(Field.HttpVersion).SequenceEqual("1.0"u8);

    public string Scheme => Bytes(Field.Scheme).SequenceEqual("https"u8) ? "https" : "http";
    public string ConnectionId => Text(Field.ConnectionId);
    public string OriginalUrl => Text(Field.OriginalUrl);
    public string PathBase => RequestTarget.PathBase(Bytes(Field.Mount));

    /// <summary>As ASP.NET Core has them: an encoded slash stays encoded.</summary>
    public string PathBaseWithSlashes => RequestTarget.PathBase(Bytes(Field.Mount), keepSlash: true);
    public string PathWithSlashes => RequestTarget.Path(Bytes(Field.Url), keepSlash: true);

    /// <summary>Begins with a slash; empty only below a mount.</summary>
    public string Path =>
        RequestTarget.Path(Bytes(Field.Url)) is { Length: > 0 } path ? path
        : PathBase.Length > 0 ? ""
        : "/";

    /// <summary>Path and query below the host, mount included, as they came; begins with a slash.</summary>
    public string RawUrl => RequestTarget.Raw(Bytes(Field.Mount), Bytes(Field.Url));
    public string QueryString => RequestTarget.Query(Bytes(Field.Url));
    public string QueryWithMark => RequestTarget.Query(Bytes(Field.Url), keepMark: true);

    /// <summary>The address as text, or null on a unix socket and where the peer has gone already.</summary>
    public string? RemoteAddress => IsUnixSocket ? null : OptionalText(Field.RemoteAddress);
    public string? RemotePort => OptionalText(Field.RemotePort);
    public string? LocalAddress => OptionalText(Field.LocalAddress);
    public string? LocalPort => OptionalText(Field.LocalPort);

    public bool IsLocal
    {
        get
        {
            var remote = Bytes(Field.RemoteAddress);
            return IsUnixSocket
                || remote.StartsWith("127."u8)
                || remote.SequenceEqual("::1"u8)
                || !remote.IsEmpty && remote.SequenceEqual(Bytes(Field.LocalAddress));
        }
    }

    bool IsUnixSocket => Bytes(Field.RemoteAddress).SequenceEqual("unix"u8);

    /// <summary>Every header line in order, and a Host in any case.</summary>
    public HeaderDictionary ReadHeaders()
    {
        var headers = new HeaderDictionary();
        var lines = Lines;
        while (lines.Next(out var name, out var value))
        {
            if (!IsPseudo(name))
                headers.AddLine(Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value));
        }
        if (OtherHost is { } host)
            headers["Host"] = [host];
        return headers;
    }

    /// <summary>What an extended CONNECT asks for (RFC 8441); null: the request is none.</summary>
    public string? ConnectProtocol
    {
        get
        {
            if (!Bytes(Field.Method).SequenceEqual("CONNECT"u8))
                return null;
            var lines = Lines;
            while (lines.Next(out var name, out var value))
            {
                if (IsPseudo(name))
                    return Encoding.Latin1.GetString(value);
            }
            return null;
        }
    }

    /// <summary>Whether a line is none of the headers.</summary>
    public static bool IsPseudo(ReadOnlySpan<byte> name) => name.Length > 0 && name[0] == ':';

    /// <summary>The header lines as they came, and the protocol of an extended CONNECT.</summary>
    public FieldReader Lines => new(bytes.AsSpan(linesAt));

    /// <summary>The value of Host where it is not what the header line says: that is missing, blank, or overruled.</summary>
    public string? OtherHost
    {
        get
        {
            if (RequestTarget.Authority(Bytes(Field.OriginalUrl)) is { } authority)
                return authority;
            var lines = Lines;
            while (lines.Next(out var name, out var value))
            {
                if (name.Length == 4 && Ascii.EqualsIgnoreCase(name, "host"u8) && !IsBlank(value))
                    return null;
            }
            return LocalHost();
        }
    }

    static bool IsBlank(ReadOnlySpan<byte> value) => value.Trim(" \t"u8).IsEmpty;

    string LocalHost()
    {
        if (LocalAddress is not { } address)
            return "localhost";
        if (address.Contains(':'))
            address = $"[{address}]";
        return LocalPort == (Scheme == "http" ? "80" : "443") ? address : $"{address}:{LocalPort}";
    }

    string? Check()
    {
        int hosts = 0;
        var lines = Lines;
        while (lines.Next(out var name, out var value))
        {
            if (name.Length == 4 && Ascii.EqualsIgnoreCase(name, "host"u8))
                hosts++;
            else if (name.Length == 14 && Ascii.EqualsIgnoreCase(name, "content-length"u8))
                HasBody |= !value.SequenceEqual("0"u8);
            else if (name.Length == 17 && Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
                HasBody = true;
        }
        if (hosts > 1)
            return "The request has more than one Host header.";
        if (RequestTarget.HasNul(Bytes(Field.Url)) || RequestTarget.HasNul(Bytes(Field.Mount)))
            return "The path holds a NUL.";
        return null;
    }

    /// <summary>Lines of name and value, joined by NUL; null where a value has forged a field.</summary>
    public static HeaderDictionary? ReadTrailers(ReadOnlySpan<byte> payload, int fieldCount)
    {
        if (fieldCount % 2 != 0 || payload.Count((byte)0) != fieldCount - 1)
            return null;
        var trailers = new HeaderDictionary();
        var lines = new FieldReader(payload);
        while (lines.Next(out var name, out var value))
            trailers.AddLine(Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value));
        return trailers;
    }

    string Text(Field field) => Encoding.Latin1.GetString(Bytes(field));

    string? OptionalText(Field field) =>
        Bytes(field) is { IsEmpty: false } text ? Encoding.Latin1.GetString(text) : null;

    ReadOnlySpan<byte> Bytes(Field field)
    {
        int at = FieldReader.SkipFields(bytes, (int)field);
        return new FieldReader(bytes.AsSpan(at)).Next();
    }

    /// <summary>Walks NUL-joined fields.</summary>
    public ref struct FieldReader(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        bool ended = bytes.IsEmpty;

        /// <summary>Where the field behind so many others begins; the end where there is none.</summary>
        public static int SkipFields(ReadOnlySpan<byte> bytes, int count)
        {
            var fields = new FieldReader(bytes);
            while (count-- > 0)
                fields.Next();
            return bytes.Length - fields.rest.Length;
        }

        public ReadOnlySpan<byte> Next()
        {
            int length = rest.IndexOf((byte)0);
            var field = length < 0 ? rest : rest[..length];
            ended = length < 0;
            rest = ended ? default : rest[(length + 1)..];
            return field;
        }

        public bool Next(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
        {
            name = value = default;
            if (ended)
                return false;
            name = Next();
            value = Next();
            return true;
        }
    }
}
