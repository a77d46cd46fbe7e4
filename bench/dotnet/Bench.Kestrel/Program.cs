using System.Net;
using Bench;
using Bench.Kestrel;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Listen(IPAddress.Loopback, 0);
});

var app = builder.Build();
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
await app.StartAsync();
await Control.Run(new Uri(app.Urls.First()).Port);

static async Task Send(HttpContext context, string type, byte[] content)
{
    context.Response.ContentType = type;
    context.Response.ContentLength = content.Length;
    await context.Response.Body.WriteAsync(content);
}
