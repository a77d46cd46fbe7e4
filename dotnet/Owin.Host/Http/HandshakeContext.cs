using System.Collections.Specialized;
using System.Net;
using System.Net.WebSockets;
using System.Security.Principal;

namespace Owin.Host.Http;

/// <summary>.NET's own view of an accepted WebSocket, which SignalR 2 looks for.</summary>
internal sealed class HandshakeContext(RequestHead head, WebSocketHandshake handshake, WebSocket webSocket)
    : WebSocketContext
{
    public override WebSocket WebSocket => webSocket;
    public override bool IsLocal => head.IsLocal;
    public override bool IsSecureConnection => head.Scheme == "https";
    public override bool IsAuthenticated => false;
    public override IPrincipal? User => null;
    public override string Origin => Line("Origin") ?? "";
    public override string SecWebSocketKey => Line("Sec-WebSocket-Key")!;
    public override string SecWebSocketVersion => Line("Sec-WebSocket-Version")!;

    public override IEnumerable<string> SecWebSocketProtocols =>
        WebSocketHandshake.Tokens(handshake.Headers, "Sec-WebSocket-Protocol");

    public override Uri RequestUri =>
        new($"{(IsSecureConnection ? "wss" : "ws")}://{Line("Host")}{head.OriginalUrl}", UriKind.Absolute);

    public override NameValueCollection Headers
    {
        get
        {
            var headers = new NameValueCollection();
            foreach (var (name, lines) in handshake.Headers)
            {
                foreach (var line in lines)
                    headers.Add(name, line);
            }
            return headers;
        }
    }

    public override CookieCollection CookieCollection
    {
        get
        {
            var cookies = new CookieCollection();
            foreach (var pair in (Line("Cookie") ?? "").Split(';', StringSplitOptions.TrimEntries))
            {
                if (pair.Split('=', 2) is [{ Length: > 0 } name, var value])
                    cookies.Add(new Cookie(name, Uri.EscapeDataString(value)));
            }
            return cookies;
        }
    }

    string? Line(string name) => handshake.Headers.TryGetValue(name, out var lines) ? lines[0] : null;
}
