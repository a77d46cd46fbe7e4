namespace Bench;

/// <summary>The routes of ASP.NET Core apps, the same on Kestrel and in Node.</summary>
public static class Routes
{
    public static void MapRoutes(this WebApplication app)
    {
        app.MapGet("/hello", (HttpContext context) => Send(context, "text/html", Work.Hello));
        app.MapGet("/burn", (HttpContext context, int n) => Send(context, "text/plain", Work.Burn(n)));
        app.MapGet(
            "/collect",
            (HttpContext context, string on) =>
            {
                Collector.Set(on);
                return Send(context, "text/plain", "ok"u8.ToArray());
            }
        );
        app.MapGet(
            "/download",
            (HttpContext context, long n) =>
            {
                context.Response.ContentType = "application/octet-stream";
                return Work.Download(context.Response.Body, n);
            }
        );
    }

    private static async Task Send(HttpContext context, string type, byte[] content)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content);
    }
}
