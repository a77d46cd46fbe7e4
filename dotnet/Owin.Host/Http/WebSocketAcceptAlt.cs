using System.Net.WebSockets;
using Owin.Host.Hosting;

namespace Owin.Host.Http;

/// <summary>
/// <c>websocket.AcceptAlt</c>, whose parameter is a type of ASP.NET Core's: bound at run time, where that framework
/// runs.
/// </summary>
internal sealed class WebSocketAcceptAlt(Exchange exchange, WebSocketHandshake handshake)
{
    const string ContextAssembly = "Microsoft.AspNetCore.Http.Features";

    // Func<WebSocketAcceptContext, Task<WebSocket>>
    static readonly Lazy<Type?> DelegateType = new(static () =>
        SharedFramework.Contains(ContextAssembly)
        && Type.GetType($"Microsoft.AspNetCore.Http.WebSocketAcceptContext, {ContextAssembly}") is { } context
            ? typeof(Func<,>).MakeGenericType(context, typeof(Task<WebSocket>))
            : null
    );

    /// <summary>Null where ASP.NET Core does not run.</summary>
    public static Delegate? Create(Exchange exchange, WebSocketHandshake handshake)
    {
        if (DelegateType.Value is not { } type)
            return null;
        Func<object?, Task<WebSocket>> accept = new WebSocketAcceptAlt(exchange, handshake).Accept;
        return accept.Method.CreateDelegate(type, accept.Target);
    }

    async Task<WebSocket> Accept(object? context)
    {
        var upgrade = new WebSocketUpgrade(exchange, handshake, Read(context), null);
        return upgrade.Open(await exchange.UpgradeAsync(upgrade).ConfigureAwait(false));
    }

    static WebSocketOptions Read(object? context)
    {
        var defaults = new WebSocketOptions();
        return new()
        {
            SubProtocol = Value<string>("SubProtocol"),
            KeepAliveInterval = Value<TimeSpan?>("KeepAliveInterval") ?? defaults.KeepAliveInterval,
            Deflate = Value<bool>("DangerousEnableCompression"),
            ServerContextTakeover = !Value<bool>("DisableServerContextTakeover"),
            ServerMaxWindowBits = Value<int?>("ServerMaxWindowBits") ?? defaults.ServerMaxWindowBits,
        };

        T? Value<T>(string property) => (T?)context?.GetType().GetProperty(property)?.GetValue(context);
    }
}
