using Microsoft.AspNetCore.Http.Features;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// HttpContext.Items has from the beginning what OWIN's environment has of the server's own: what JavaScript has given
/// the handler and the request, and the keys that begin with <c>node.</c>. An OWIN adapter of the app's shows Items as the
/// keys it does not know, so its middleware finds them where it would on the server itself.
/// </summary>
internal sealed partial class ExchangeFeatures
{
    ItemsFeature CreateItems()
    {
        var feature = new ItemsFeature();
        var items = feature.Items;
        foreach (var (key, value) in exchange.App.Properties)
        {
            if (key.StartsWith("node.", StringComparison.Ordinal))
                items[key] = value;
        }
        foreach (var (key, value) in exchange.Values?.Given ?? new Dictionary<string, object>())
            items[key] = value;
        items[OwinKeys.NodeRawTarget] = items[OwinKeys.NodeOriginalUrl] = exchange.Head.OriginalUrl;
        if (exchange.App.Requests?.Handler is { } handler)
            items[OwinKeys.NodeHttpMessageHandler] = handler;
        if (exchange.HasNext)
            items[OwinKeys.NodeNext] = new Func<IDictionary<string, object>, Task>(_ => GoOn());
        if (exchange.BodyLost)
            items[OwinKeys.NodeBodyConsumed] = true;
        return feature;
    }
}
