using System.Net.WebSockets;

namespace Owin.Host.Http;

/// <summary>An accepted WebSocket, for <c>websocket.Accept</c> and, without a callback, <c>websocket.AcceptAlt</c>.</summary>
internal sealed class WebSocketUpgrade(
    Exchange exchange,
    WebSocketHandshake handshake,
    WebSocketOptions options,
    Func<IDictionary<string, object>, Task>? callback
) : Upgrade
{
    string? subProtocol;
    WebSocketDeflateOptions? deflate;
    WebSocketStream? stream;
    WebSocket? webSocket;

    public override void WriteHandshake(IDictionary<string, string[]> headers)
    {
        headers["Connection"] = ["Upgrade"];
        headers["Upgrade"] = ["websocket"];
        headers["Sec-WebSocket-Accept"] = [handshake.Accept];
        subProtocol = options.SubProtocol;
        if (!string.IsNullOrEmpty(subProtocol))
            headers["Sec-WebSocket-Protocol"] = [subProtocol];
        else if (headers.TryGetValue("Sec-WebSocket-Protocol", out var set) && set is [var own, ..])
            subProtocol = own;
        headers.Remove("Sec-WebSocket-Extensions");
        if (!options.Deflate)
            return;
        var offers = WebSocketHandshake.Tokens(handshake.Headers, "Sec-WebSocket-Extensions");
        if (WebSocketDeflate.Agree(offers, options) is not var (agreed, answer))
            return;
        deflate = agreed;
        headers["Sec-WebSocket-Extensions"] = [answer];
    }

    public override DuplexStream CreateStream(Exchange exchange) => stream = new WebSocketStream(exchange);

    /// <summary>The WebSocket over the stream.</summary>
    public WebSocket Open(DuplexStream stream) =>
        webSocket = WebSocket.CreateFromStream(
            stream,
            new WebSocketCreationOptions
            {
                IsServer = true,
                SubProtocol = string.IsNullOrEmpty(subProtocol) ? null : subProtocol,
                KeepAliveInterval = options.KeepAliveInterval,
                DangerousDeflateOptions = deflate,
            }
        );

    public override Task Run(DuplexStream stream)
    {
        var env = new WebSocketEnvironment(exchange, handshake, Open(stream));
        return callback!(env.Keys);
    }

    /// <summary>A Close of the client's is answered; a WebSocket that is still open is dropped.</summary>
    public override async ValueTask<bool> Finish(Exception? error)
    {
        if (error == null && webSocket is { State: WebSocketState.CloseReceived })
            await webSocket
                .CloseOutputAsync(
                    webSocket.CloseStatus ?? WebSocketCloseStatus.NormalClosure,
                    webSocket.CloseStatusDescription,
                    CancellationToken.None
                )
                .ConfigureAwait(false);
        // Its timer would go on.
        bool arrives = stream is { HasSentClose: true };
        webSocket?.Dispose();
        return arrives;
    }

    // A client that breaks the protocol or leaves is none of the app's mistakes.
    public override bool Blames(Exception? error) => error is not (null or WebSocketException);
}
