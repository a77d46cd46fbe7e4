using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;

namespace Owin.Host.Http;

using ReceivedMessage = Tuple<int, bool, int>;

/// <summary>The environment that a callback of <c>websocket.Accept</c> gets, and the functions in it.</summary>
internal sealed class WebSocketEnvironment
{
    const int Text = 1;
    const int Binary = 2;
    const int Close = 8;
    const int NoStatus = 1000;

    // .NET's way to say "no status", which WebSocketStream turns into a Close frame without one.
    const WebSocketCloseStatus Empty = (WebSocketCloseStatus)1005;

    readonly WebSocket webSocket;

    public WebSocketEnvironment(Exchange exchange, WebSocketHandshake handshake, WebSocket webSocket)
    {
        this.webSocket = webSocket;
        Keys = new(StringComparer.Ordinal)
        {
            [OwinKeys.WebsocketSendAsync] = new Func<ArraySegment<byte>, int, bool, CancellationToken, Task>(SendAsync),
            [OwinKeys.WebsocketReceiveAsync] = new Func<ArraySegment<byte>, CancellationToken, Task<ReceivedMessage>>(
                ReceiveAsync
            ),
            [OwinKeys.WebsocketCloseAsync] = new Func<int, string, CancellationToken, Task>(CloseAsync),
            [OwinKeys.WebsocketVersion] = "1.0",
            [OwinKeys.WebsocketCallCancelled] = exchange.CallCancelled,
            [OwinKeys.SystemNetWebSocketsWebSocketContext] = new HandshakeContext(exchange.Head, handshake, webSocket),
            [OwinKeys.SystemNetWebSocketsWebSocket] = webSocket,
        };
    }

    public Dictionary<string, object> Keys { get; }

    Task SendAsync(ArraySegment<byte> message, int messageType, bool endOfMessage, CancellationToken cancel) =>
        messageType switch
        {
            Text => webSocket.SendAsync(message, WebSocketMessageType.Text, endOfMessage, cancel),
            Binary => webSocket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage, cancel),
            Close => SendCloseAsync(message, cancel),
            _ => throw new ArgumentOutOfRangeException(
                nameof(messageType),
                messageType,
                "A message is of type 1 (text), 2 (binary) or 8 (close)."
            ),
        };

    // The payload of a Close frame: a status of two bytes and a description, or nothing.
    Task SendCloseAsync(ReadOnlySpan<byte> payload, CancellationToken cancel)
    {
        if (payload.IsEmpty)
            return webSocket.CloseOutputAsync(Empty, null, cancel);
        if (payload.Length == 1)
            throw new ArgumentOutOfRangeException(
                nameof(payload),
                "The payload of a Close is empty, or begins with a status of two bytes."
            );
        var status = (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload);
        return webSocket.CloseOutputAsync(status, Encoding.UTF8.GetString(payload[2..]), cancel);
    }

    // The frame, and no waiting for the client's.
    Task CloseAsync(int status, string description, CancellationToken cancel) =>
        webSocket.CloseOutputAsync((WebSocketCloseStatus)status, description, cancel);

    async Task<ReceivedMessage> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancel)
    {
        var received = await webSocket.ReceiveAsync(buffer.AsMemory(), cancel).ConfigureAwait(false);
        if (received.MessageType != WebSocketMessageType.Close)
            return new(
                received.MessageType == WebSocketMessageType.Text ? Text : Binary,
                received.EndOfMessage,
                received.Count
            );
        Keys[OwinKeys.WebsocketClientCloseStatus] = (int)(webSocket.CloseStatus ?? (WebSocketCloseStatus)NoStatus);
        Keys[OwinKeys.WebsocketClientCloseDescription] = webSocket.CloseStatusDescription ?? "";
        return new(Close, true, 0);
    }
}
