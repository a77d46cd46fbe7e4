using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// The client "node" of IHttpClientFactory: its requests run through the JavaScript app, in memory. What the app has
/// configured for a client of that name holds above this.
/// </summary>
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
        var primary = new ConfigureNamedOptions<HttpClientFactoryOptions>(
            Name,
            options =>
            {
                // It is one for the app, and has no connections to renew.
                options.HandlerLifetime = Timeout.InfiniteTimeSpan;
                options.HttpMessageHandlerBuilderActions.Add(builder =>
                    builder.PrimaryHandler = (HttpMessageHandler)requests.Handler
                );
            }
        );
        services.Insert(
            FirstOfTheApp(services),
            ServiceDescriptor.Singleton<IConfigureOptions<HttpClientFactoryOptions>>(primary)
        );
        services.AddHttpClient(Name, client => client.BaseAddress ??= Base);
    }

    // Behind what the app gives all of its clients, before what it gives this one: what comes later wins.
    static int FirstOfTheApp(IServiceCollection services)
    {
        for (int i = 0; i < services.Count; i++)
        {
            if (
                !services[i].IsKeyedService
                && services[i].ImplementationInstance is ConfigureNamedOptions<HttpClientFactoryOptions> { Name: Name }
            )
                return i;
        }
        return services.Count;
    }
}
