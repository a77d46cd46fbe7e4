using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace Owin.Host.Http;

/// <summary>Agrees on permessage-deflate (RFC 7692 §7).</summary>
internal static class WebSocketDeflate
{
    // zlib cannot make a window of 8 bits.
    const int LeastBits = 9;
    const int MostBits = 15;

    /// <summary>The first offer that can be kept, and the header that says so; null: none.</summary>
    public static (WebSocketDeflateOptions Options, string Answer)? Agree(
        IEnumerable<string> offers,
        WebSocketOptions wanted
    ) => offers.Select(offer => Agree(offer, wanted)).FirstOrDefault(agreed => agreed != null);

    static (WebSocketDeflateOptions, string)? Agree(string offer, WebSocketOptions wanted)
    {
        var parts = offer.Split(';', StringSplitOptions.TrimEntries);
        if (!parts[0].Equals("permessage-deflate", StringComparison.OrdinalIgnoreCase))
            return null;
        var options = new WebSocketDeflateOptions
        {
            ServerContextTakeover = wanted.ServerContextTakeover,
            ServerMaxWindowBits = wanted.ServerMaxWindowBits,
        };
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1))
        {
            var (name, value) = part.Split('=', 2, StringSplitOptions.TrimEntries) is [var n, var v]
                ? (n, v.Trim('"'))
                : (part, null);
            if (!seen.Add(name) || !Apply(options, name.ToLowerInvariant(), value))
                return null;
        }
        return (options, Answer(options, seen));
    }

    static bool Apply(WebSocketDeflateOptions options, string name, string? value)
    {
        switch (name)
        {
            case "client_no_context_takeover" when value == null:
                options.ClientContextTakeover = false;
                return true;
            case "server_no_context_takeover" when value == null:
                options.ServerContextTakeover = false;
                return true;
            case "client_max_window_bits" when value == null:
                return true;
            case "client_max_window_bits" when Bits(value) is { } bits:
                // What a client limits itself to need not be known here: a larger window reads it all the same.
                options.ClientMaxWindowBits = Math.Max(bits, LeastBits);
                return true;
            case "server_max_window_bits" when value != null && Bits(value) is >= LeastBits and var bits:
                options.ServerMaxWindowBits = Math.Min(bits, options.ServerMaxWindowBits);
                return true;
            default:
                return false;
        }
    }

    static int? Bits(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
        && bits is >= 8 and <= MostBits
            ? bits
            : null;

    static string Answer(WebSocketDeflateOptions options, HashSet<string> offered)
    {
        var answer = new StringBuilder("permessage-deflate");
        if (!options.ClientContextTakeover)
            answer.Append("; client_no_context_takeover");
        if (!options.ServerContextTakeover)
            answer.Append("; server_no_context_takeover");
        if (offered.Contains("client_max_window_bits") && options.ClientMaxWindowBits < MostBits)
            answer.Append("; client_max_window_bits=").Append(options.ClientMaxWindowBits);
        if (options.ServerMaxWindowBits < MostBits)
            answer.Append("; server_max_window_bits=").Append(options.ServerMaxWindowBits);
        return answer.ToString();
    }
}
