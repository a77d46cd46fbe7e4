using System.Net;

namespace AspNetHttp;

/// Requests through the JavaScript app that the handler is mounted in.
static class Clients
{
    /// What the argument `--client` asks for, of clients that the app configures itself.
    public static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddHttpClient();
        switch (builder.Configuration["client"])
        {
            case "composed":
                services
                    .AddHttpClient("node", client => client.BaseAddress = new("http://shop/base/"))
                    .ConfigureHttpClient((_, client) => client.DefaultRequestHeaders.Add("X-Client", "configured"))
                    .AddHttpMessageHandler(() => new Marking());
                break;
            case "own":
                services.AddHttpClient("node").ConfigurePrimaryHttpMessageHandler(() => new Own());
                break;
            case "defaults":
                services.ConfigureHttpClientDefaults(each =>
                    each.AddHttpMessageHandler(() => new Marking()).ConfigurePrimaryHttpMessageHandler(() => new Own())
                );
                break;
        }
    }

    public static void Map(WebApplication app)
    {
        // The answer to a GET of `?target=`, by the client "node".
        app.MapGet(
            "/client",
            async (string target, IHttpClientFactory clients) =>
            {
                using var client = clients.CreateClient("node");
                return await client.GetStringAsync(target);
            }
        );
    }

    sealed class Marking : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            request.Headers.Add("X-Handler", "marked");
            return base.SendAsync(request, cancel);
        }
    }

    sealed class Own : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = new StringContent($"the app's own answer to {request.RequestUri}"),
                }
            );
    }
}
