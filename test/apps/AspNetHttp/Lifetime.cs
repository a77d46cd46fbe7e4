using Microsoft.AspNetCore.Http.Features;

namespace AspNetHttp;

/// <summary>How requests end before their time.</summary>
static class Lifetime
{
    public static void Map(WebApplication app)
    {
        app.Map("/throw", Throw);
        app.Map("/bad-request", _ => throw new BadHttpRequestException("of the app's", 418));
        app.Map("/abort", Abort);
        app.Map("/gone", Gone);
        app.Map("/gone/unsent", GoneUnsent);
        app.Map("/reset", Reset);
        app.Map(
            "/not-found",
            context =>
            {
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
            }
        );
        app.Map("/not-written", () => Results.NotFound("written"));
    }

    static async Task Throw(HttpContext context)
    {
        context.Response.Headers["X-App"] = "1";
        if (context.Request.Query["after"] == "write")
            await context.Response.WriteAsync("part");
        throw new FormatException("of the app's");
    }

    static async Task Abort(HttpContext context)
    {
        var aborted = new TaskCompletionSource();
        using var registration = context.RequestAborted.Register(aborted.SetResult);
        await context.Response.WriteAsync("part");
        await context.Response.Body.FlushAsync();
        await Notes.Answer($"{context.Request.Query["until"]}");
        context.Abort();
        await context.Response.WriteAsync("dropped");
        await aborted.Task;
        Notes.Add(context, $"{context.RequestAborted.IsCancellationRequested}");
    }

    // The client leaves in the middle: what is written then is dropped.
    static async Task Gone(HttpContext context)
    {
        await context.Response.WriteAsync("part");
        await context.Response.Body.FlushAsync();
        var gone = new TaskCompletionSource();
        using (context.RequestAborted.Register(gone.SetResult))
            await gone.Task;
        var writes = await Responses.Failure(async () =>
        {
            for (int i = 0; i < 3; i++)
                await context.Response.WriteAsync(new string('x', 1 << 20), CancellationToken.None);
            await context.Response.Body.FlushAsync();
            await context.Response.SendFileAsync(typeof(Lifetime).Assembly.Location, CancellationToken.None);
        });
        var flushed = await context.Response.BodyWriter.FlushAsync();
        Notes.Add(context, $"writes: {writes ?? "dropped"}, reader gone: {flushed.IsCompleted}");
        var cancelled = await Responses.Failure(() => context.Response.WriteAsync("x", context.RequestAborted));
        Notes.Add(context, cancelled!.Split(':')[0]);
    }

    static async Task GoneUnsent(HttpContext context)
    {
        Notes.Add(context, "running");
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    static async Task Reset(HttpContext context)
    {
        var feature = context.Features.Get<IHttpResetFeature>();
        if (context.Request.Query["until"] is [{ } seen])
        {
            await context.Response.WriteAsync("part");
            await context.Response.Body.FlushAsync();
            await Notes.Answer(seen);
        }
        if (feature == null)
            await context.Response.WriteAsync("no such feature");
        else
            feature.Reset(int.Parse(context.Request.Query["code"]!));
    }
}
