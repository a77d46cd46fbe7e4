// An ordinary minimal API, which Kestrel or Node serves. With Kestrel it says where it listens.
using Bench;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapGet(
    "/hello",
    (HttpContext context) =>
    {
        context.Response.ContentType = "text/html";
        context.Response.ContentLength = Work.Hello.Length;
        return context.Response.Body.WriteAsync(Work.Hello).AsTask();
    }
);
app.Lifetime.ApplicationStarted.Register(() =>
{
    if (app.Urls.FirstOrDefault() is { } url)
        Console.WriteLine($"{{\"port\":{new Uri(url).Port}}}");
});
app.Run();
