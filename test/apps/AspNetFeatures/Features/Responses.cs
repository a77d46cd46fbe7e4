using Microsoft.AspNetCore.Http.Features;

namespace AspNetFeatures.Features;

/// What an app does to a response.
static class Responses
{
    static readonly byte[] Bytes = [.. Enumerable.Range(0, 256).Select(each => (byte)each)];

    public static void MapResponses(this WebApplication app)
    {
        app.MapGet("/status/{code:int}", (int code) => Results.StatusCode(code));
        app.MapGet("/problem", () => Results.Problem("What happened", statusCode: 418, title: "Teapot"));
        app.MapGet("/redirect", () => Results.LocalRedirect("~/hello"));
        app.MapGet("/bytes", () => Results.Bytes(Bytes, "application/x-bytes", "all.bin"));
        app.MapGet(
            "/ranged",
            () => Results.Bytes(Bytes, "application/x-bytes", entityTag: new("\"all\""), enableRangeProcessing: true)
        );
        app.MapGet(
            "/physical",
            (IWebHostEnvironment host) =>
                Results.File(host.WebRootFileProvider.GetFileInfo("numbers.txt").PhysicalPath!, "text/plain")
        );
        app.MapGet("/throw", (HttpContext _) => throw new InvalidOperationException("thrown by the app"));
        app.MapGet("/abort", (HttpContext context) => context.Abort());
        app.MapGet("/empty", () => { });
        app.MapGet("/headers-set", SetHeaders);
        app.MapGet("/length-known", WriteKnownLength);
        app.MapGet("/too-little", (HttpResponse response) => response.ContentLength = 10);
        app.MapGet("/too-much", WriteTooMuch);
        app.MapGet("/too-late", WriteTooLate);
        app.MapGet("/on-starting", RunCallbacks);
        app.MapGet("/write-synchronously", (HttpResponse response) => response.Body.WriteByte(65));
        app.MapGet("/complete-early", CompleteEarly);
        app.MapGet("/body-of-304", WriteForbidden);
        app.MapMethods("/head", ["GET", "HEAD"], () => "for GET only");
    }

    static string SetHeaders(HttpResponse response)
    {
        response.Headers["X-Two"] = new(["one", "two"]);
        response.Headers["X-Empty"] = "";
        response.Headers.CacheControl = "no-store";
        response.Headers.Append("Vary", "X-One");
        response.Headers.Append("Vary", "X-Two");
        response.Cookies.Append("a", "1", new() { HttpOnly = true, SameSite = SameSiteMode.Lax });
        response.Cookies.Append("b", "ä;");
        response.Cookies.Delete("c");
        return "set";
    }

    static async Task WriteKnownLength(HttpResponse response)
    {
        response.ContentLength = 10;
        await response.WriteAsync("01234");
        await response.Body.FlushAsync();
        await response.WriteAsync("56789");
    }

    static async Task<string> WriteTooMuch(HttpResponse response)
    {
        response.ContentLength = 2;
        try
        {
            await response.WriteAsync("four");
            return "written";
        }
        catch (InvalidOperationException)
        {
            response.ContentLength = null;
            return "refused";
        }
    }

    static async Task WriteTooLate(HttpResponse response)
    {
        await response.WriteAsync($"started {response.HasStarted}\n");
        await response.Body.FlushAsync();
        foreach (var change in (Action[])[() => response.StatusCode = 500, () => response.Headers["X-Late"] = "1"])
        {
            try
            {
                change();
                await response.WriteAsync("changed\n");
            }
            catch (InvalidOperationException)
            {
                await response.WriteAsync("refused\n");
            }
        }
    }

    static async Task RunCallbacks(HttpResponse response)
    {
        var order = new List<string>();
        response.OnStarting(() => Note("first"));
        response.OnStarting(() => Note("second"));
        await response.WriteAsync("body");

        Task Note(string name)
        {
            order.Add(name);
            response.Headers["X-Order"] = string.Join(' ', order);
            response.StatusCode = 202;
            return Task.CompletedTask;
        }
    }

    static async Task CompleteEarly(HttpContext context)
    {
        await context.Response.WriteAsync("whole");
        await context.Response.CompleteAsync();
        await context.Response.CompleteAsync();
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
    }

    static async Task WriteForbidden(HttpResponse response)
    {
        response.StatusCode = 304;
        response.Headers.ETag = "\"x\"";
        try
        {
            await response.WriteAsync("not allowed");
        }
        catch (InvalidOperationException)
        {
            // There is no body to write to.
        }
    }
}
