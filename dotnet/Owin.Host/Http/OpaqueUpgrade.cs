namespace Owin.Host.Http;

/// <summary><c>opaque.Upgrade</c>: the app gets the socket as a stream, for a protocol of its own.</summary>
internal sealed class OpaqueUpgrade(Exchange exchange, Func<IDictionary<string, object>, Task> callback) : Upgrade
{
    // A 101 names the protocol (RFC 9110 §15.2.2): where the app does not, the one the client asked for first.
    public override void WriteHandshake(IDictionary<string, string[]> headers)
    {
        headers["Connection"] = ["Upgrade"];
        if (headers.TryGetValue("Upgrade", out var set) && set is { Length: > 0 })
            return;
        if (exchange.Head.ReadHeaders().TryGetValue("Upgrade", out var asked))
            headers["Upgrade"] = [asked[0].Split(',')[0].Trim()];
    }

    public override Task Run(DuplexStream stream) =>
        callback(
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [OwinKeys.OpaqueStream] = stream,
                [OwinKeys.OpaqueVersion] = "1.0",
                [OwinKeys.OpaqueCallCancelled] = exchange.CallCancelled,
            }
        );
}
