namespace Owin.Host.MessageHandlers;

/// <summary>The end of a chain of handlers that has none: says that others may answer.</summary>
internal sealed class NoRouteMatched : HttpMessageHandler
{
    /// <summary>Gives a chain this end where its last handler goes on to another and has none.</summary>
    public static HttpMessageHandler End(HttpMessageHandler first)
    {
        var last = first;
        while (last is DelegatingHandler { InnerHandler: { } inner })
            last = inner;
        if (last is DelegatingHandler open && !WebApi.IsServer(last))
            open.InnerHandler = new NoRouteMatched();
        return first;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled)
    {
        ((IDictionary<string, object?>)request.Options)[RequestContext.NoRouteMatched] = true;
        return Task.FromResult(
            new HttpResponseMessage(System.Net.HttpStatusCode.NotFound) { RequestMessage = request }
        );
    }
}
