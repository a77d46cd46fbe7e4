namespace Owin.Host.Http;

/// <summary>What may stand in <c>node.ResponseTrailers</c>.</summary>
internal static class ResponseTrailers
{
    // Who reads them must know them before the body (RFC 9110 §6.5.1), or HTTP/2 has no place for them.
    static readonly string[] NotBehindABody =
    [
        "Authorization",
        "Cache-Control",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Range",
        "Content-Type",
        "Date",
        "Expires",
        "Host",
        "Http2-Settings",
        "Keep-Alive",
        "Location",
        "Proxy-Authenticate",
        "Proxy-Connection",
        "Retry-After",
        "Set-Cookie",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Vary",
        "WWW-Authenticate",
    ];

    /// <summary>The trailers. Throws <see cref="OwinException" /> where they can be none.</summary>
    public static IDictionary<string, string[]> Check(object trailers)
    {
        if (trailers is not IDictionary<string, string[]> lines)
            throw new OwinException(
                ErrorCodes.Response,
                $"'{OwinKeys.NodeResponseTrailers}' holds a {trailers.GetType().FullName}; it takes an IDictionary<string, string[]>."
            );
        foreach (var name in lines.Keys)
            CheckName(name);
        return lines;
    }

    /// <summary>Throws <see cref="OwinException" /> for the name of what can only be a header.</summary>
    public static void CheckName(string name)
    {
        if (NotBehindABody.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new OwinException(ErrorCodes.Response, $"'{name}' cannot be a trailer; set it as a header.");
    }
}
