namespace Owin.Host.Http;

using UpgradeCallback = Func<IDictionary<string, object>, Task>;
using UpgradeFunc = Action<IDictionary<string, object>, Func<IDictionary<string, object>, Task>>;

/// <summary>The keys of a request that can be upgraded; no other has them.</summary>
internal static class UpgradeKeys
{
    public static void Add(OwinEnvironment env, Exchange exchange)
    {
        env[OwinKeys.OpaqueUpgrade] = new UpgradeFunc(
            (_, callback) => exchange.AcceptUpgrade(new OpaqueUpgrade(exchange, Checked(callback)))
        );
        var handshake = WebSocketHandshake.Read(exchange.Head);
        if (handshake == null)
            return;
        env[OwinKeys.WebsocketAccept] = new UpgradeFunc(
            (options, callback) =>
                exchange.AcceptUpgrade(
                    new WebSocketUpgrade(exchange, handshake, WebSocketOptions.Read(options), Checked(callback))
                )
        );
        var acceptAlt = WebSocketAcceptAlt.Create(exchange, handshake);
        if (acceptAlt != null)
            env[OwinKeys.WebsocketAcceptAlt] = acceptAlt;
    }

    static UpgradeCallback Checked(UpgradeCallback callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return callback;
    }
}
