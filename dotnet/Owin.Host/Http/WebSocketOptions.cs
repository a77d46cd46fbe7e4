using System.Globalization;
using System.Net.WebSockets;

namespace Owin.Host.Http;

/// <summary>How a WebSocket is accepted.</summary>
internal sealed record WebSocketOptions
{
    /// <summary>Null: the header Sec-WebSocket-Protocol that the app has set, if any.</summary>
    public string? SubProtocol { get; init; }

    /// <summary>Between two unsolicited pongs of the server's; zero: none.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = WebSocket.DefaultKeepAliveInterval;

    /// <summary>permessage-deflate may be agreed on.</summary>
    public bool Deflate { get; init; }
    public bool ServerContextTakeover { get; init; } = true;
    public int ServerMaxWindowBits { get; init; } = 15;

    /// <summary>
    /// Of the dictionary that <c>websocket.Accept</c> takes, which may be null. Buffers and their sizes, which it may
    /// name too, are .NET's own.
    /// </summary>
    public static WebSocketOptions Read(IDictionary<string, object>? options) =>
        new()
        {
            SubProtocol = Value<string>(options, OwinKeys.WebsocketSubProtocol, null),
            KeepAliveInterval = Value(options, OwinKeys.WebsocketKeepAliveInterval, WebSocket.DefaultKeepAliveInterval),
            Deflate = Value(options, OwinKeys.NodeWebSocketDeflate, false),
        };

    static T? Value<T>(IDictionary<string, object>? options, string key, T? otherwise)
    {
        if (options == null || !options.TryGetValue(key, out var value) || value == null)
            return otherwise;
        return value is T typed
            ? typed
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{key}' takes a {typeof(T).Name}, not a {value.GetType().Name}."
                ),
                nameof(options)
            );
    }
}
