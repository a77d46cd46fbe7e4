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
app.MapRoutes();
await app.StartAsync();
await Control.Run(new Uri(app.Urls.First()).Port);
