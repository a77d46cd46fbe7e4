using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace AspNetHttp;

/// <summary>Bodies of requests.</summary>
static class Bodies
{
    public static void Map(WebApplication app)
    {
        app.Map("/echo", Echo);
        app.Map("/echo/reader", EchoReader);
        app.Map("/peek", Peek);
        app.MapPost("/json", (Order order) => order with { Amount = order.Amount + 1 });
        app.Map("/form", Form);
        app.Map("/limit", Limit);
        app.Map("/limit/late", LateLimit);
        app.Map("/limit/read", Read);
        app.Map("/request-trailers", RequestTrailers);
        app.Map("/duplex", Duplex);
        app.Map("/unread", () => "not read");
    }

    public sealed record Order(string Name, int Amount);

    static Task Echo(HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body);

    static Task EchoReader(HttpContext context) => context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter);

    // The pipe looks at it, the stream reads it.
    static async Task Peek(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync();
        var seen = Encoding.UTF8.GetString(read.Buffer.Slice(0, 2).ToArray());
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.GetPosition(2));
        using var all = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync($"{seen}|{await all.ReadToEndAsync()}");
    }

    static async Task Form(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        await context.Response.WriteAsync($"{form["a"]} {form.Files.FirstOrDefault()?.Length}");
    }

    // What it is, or what it is set to; then the body is read.
    static async Task Limit(HttpContext context)
    {
        var limit = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        if (context.Request.Query["set"] is [{ } text])
            limit.MaxRequestBodySize = text == "none" ? null : long.Parse(text);
        long bytes = 0;
        var buffer = new byte[64 * 1024];
        if (context.Request.Query["catch"] == "yes")
        {
            var failure = await Responses.Failure(Read);
            await context.Response.WriteAsync($"{failure}");
            return;
        }
        await Read();
        await context.Response.WriteAsync($"{limit.MaxRequestBodySize} {bytes}");

        async Task Read()
        {
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and int read)
                bytes += read;
        }
    }

    // Tells of what it reads, and of what stops it.
    static async Task Read(HttpContext context)
    {
        var buffer = new byte[1024];
        var failure = await Responses.Failure(async () =>
        {
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and int read)
                Notes.Add(context, $"{read}");
        });
        Notes.Add(context, failure ?? "ended");
    }

    static async Task LateLimit(HttpContext context)
    {
        var limit = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        var before = limit.IsReadOnly;
        _ = await context.Request.Body.ReadAsync(new byte[1]);
        var failure = await Responses.Failure(() =>
        {
            limit.MaxRequestBodySize = 1;
            return Task.CompletedTask;
        });
        await context.Response.WriteAsync($"{before} {limit.IsReadOnly} {failure}");
    }

    static async Task RequestTrailers(HttpContext context)
    {
        var request = context.Request;
        var early = await Responses.Failure(() => Task.FromResult(request.GetTrailer("X-Sum")));
        var before = request.CheckTrailersAvailable();
        await request.Body.CopyToAsync(Stream.Null);
        await context.Response.WriteAsJsonAsync(
            new
            {
                Supported = request.SupportsTrailers(),
                Before = before,
                Early = early,
                After = request.CheckTrailersAvailable(),
                Sum = request.GetTrailer("X-Sum").ToArray(),
                None = request.GetTrailer("X-None").ToArray(),
            }
        );
    }

    // Answers each part as it comes.
    static async Task Duplex(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        var buffer = new byte[1024];
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and int read)
        {
            await context.Response.WriteAsync($"got {Encoding.UTF8.GetString(buffer, 0, read)}");
            await context.Response.Body.FlushAsync();
        }
        context.Response.AppendTrailer("X-Status", "done");
    }
}
