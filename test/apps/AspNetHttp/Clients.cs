namespace AspNetHttp;

/// Requests through the JavaScript app that the handler is mounted in.
static class Clients
{
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
}
