using Microsoft.Extensions.DependencyInjection;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>The client "node" of IHttpClientFactory: its requests run through the JavaScript app, in memory.</summary>
internal static class NodeClient
{
    const string Name = "node";

    // A url may be a path alone: what its host is called is for nobody but the app.
    static readonly Uri Base = new("http://node/");

    /// <summary>Adds the client where the app has called AddHttpClient.</summary>
    public static void Add(IServiceCollection services, AppStart start)
    {
        if (start.Requests is not { } requests)
            return;
        services
            .AddHttpClient(Name, client => client.BaseAddress ??= Base)
            .ConfigurePrimaryHttpMessageHandler(() => (HttpMessageHandler)requests.Handler)
            // It is one for the app, and has no connections to renew.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
    }
}
