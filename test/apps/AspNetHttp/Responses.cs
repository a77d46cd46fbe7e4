using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace AspNetHttp;

/// <summary>Heads and bodies of responses, and what is too late for them.</summary>
static class Responses
{
    public static void Map(WebApplication app)
    {
        app.Map("/hello", () => "Hello");
        app.Map("/status", Status);
        app.Map("/lines", Lines);
        app.Map("/starting", Starting);
        app.Map("/starting/throws", StartingThrows);
        app.Map("/completed", Completed);
        app.Map("/late", Late);
        app.Map("/start", Start);
        app.Map("/complete", Complete);
        app.Map("/complete/writer", CompleteWriter);
        app.Map("/writer", Writer);
        app.Map("/writer/unflushed", WriterUnflushed);
        app.Map("/writer/cancelled", WriterCancelled);
        app.Map("/stream", Streamed);
        app.Map("/large", Large);
        app.Map("/file", File);
        app.Map("/length", Length);
        app.Map("/trailers", Trailers);
        app.Map("/replaced", Replaced);
        app.Map("/sync", Sync);
        app.Map("/bad-header", BadHeader);
    }

    static Task Status(HttpContext context)
    {
        context.Response.StatusCode = int.Parse(context.Request.Query["code"]!);
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = context.Request.Query["reason"];
        return Task.CompletedTask;
    }

    static Task Lines(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.SetCookie = new(["a=1", "b=2"]);
        headers["X-One"] = "1";
        headers.Append("X-Two", "1");
        headers.Append("X-Two", "2");
        headers["X-Gone"] = "1";
        headers["X-Gone"] = default;
        headers["X-Empty"] = "";
        return Task.CompletedTask;
    }

    // LIFO, asynchronous, and able to change status and headers.
    static Task Starting(HttpContext context)
    {
        var (response, order) = (context.Response, "");
        for (int i = 1; i <= 3; i++)
        {
            int number = i;
            response.OnStarting(async () =>
            {
                await Task.Yield();
                order += number;
                response.Headers["X-Order"] = order;
                response.StatusCode = 201;
            });
        }
        return context.Request.Query["body"] == "no" ? Task.CompletedTask : response.WriteAsync("body");
    }

    static async Task StartingThrows(HttpContext context)
    {
        var (response, ran) = (context.Response, false);
        response.OnStarting(() =>
        {
            ran = true;
            return Task.CompletedTask;
        });
        response.OnStarting(() => throw new FormatException("in OnStarting"));
        if (context.Request.Query["body"] == "no")
            return;
        Notes.Add(context, (await Failure(() => response.WriteAsync("body")))!);
        Notes.Add(context, (await Failure(() => response.WriteAsync("more")))!);
        Notes.Add(context, $"the other ran: {ran}");
    }

    static Task Completed(HttpContext context)
    {
        for (int i = 1; i <= 3; i++)
        {
            int number = i;
            context.Response.OnCompleted(async () =>
            {
                await Task.Yield();
                Notes.Add(context, $"{number}");
                if (number == 2)
                    throw new FormatException("in OnCompleted");
            });
        }
        context.Response.RegisterForDispose(new Disposed(() => Notes.Add(context, "disposed")));
        return context.Response.WriteAsync("body");
    }

    sealed class Disposed(Action then) : IDisposable
    {
        public void Dispose() => then();
    }

    // What cannot be set when the response has started.
    static async Task Late(HttpContext context)
    {
        var response = context.Response;
        response.Headers["X-Set"] = "1";
        await response.WriteAsync($"{response.HasStarted}\n");
        foreach (
            var late in (Action[])
                [
                    () => response.StatusCode = 500,
                    () => context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = "No",
                    () => response.Headers["X-Late"] = "1",
                    () => response.Headers.Remove("X-Set"),
                    () => response.ContentType = "text/plain",
                    () => response.OnStarting(() => Task.CompletedTask),
                    () => response.OnCompleted(() => Task.CompletedTask),
                ]
        )
            await response.WriteAsync($"{await Failure(() => { late(); return Task.CompletedTask; })}\n");
    }

    // Started is not sent: that is for the first write or flush.
    static async Task Start(HttpContext context)
    {
        await context.Response.StartAsync();
        await context.Response.StartAsync();
        Notes.Add(context, $"{context.Response.HasStarted}");
        if (context.Request.Query["throw"] == "yes")
            throw new FormatException("after StartAsync");
    }

    static async Task Complete(HttpContext context)
    {
        await context.Response.WriteAsync("whole");
        await context.Response.CompleteAsync();
        await context.Response.CompleteAsync();
        Notes.Add(context, "completed twice");
        Notes.Add(context, $"{await Failure(() => context.Response.WriteAsync("more"))}");
        await Notes.Answer($"{context.Request.Query["until"]}");
        Notes.Add(context, "left");
    }

    static async Task CompleteWriter(HttpContext context)
    {
        var when = context.Request.Query["throw"].ToString();
        if (when == "early")
            context.Response.BodyWriter.Write("kept"u8);
        else
            await context.Response.WriteAsync("part");
        await context.Response.BodyWriter.CompleteAsync(when == "" ? null : new FormatException("of the writer"));
    }

    static async Task Writer(HttpContext context)
    {
        var writer = context.Response.BodyWriter;
        for (int i = 0; i < 3; i++)
        {
            // More than what is left of a buffer.
            var span = writer.GetSpan(5000);
            span[..5000].Fill((byte)('a' + i));
            writer.Advance(5000);
        }
        long unflushed = writer.UnflushedBytes;
        await writer.FlushAsync();
        await writer.WriteAsync("!"u8.ToArray());
        await context.Response.Body.WriteAsync("?"u8.ToArray());
        Notes.Add(context, $"{writer.CanGetUnflushedBytes} {unflushed} {writer.UnflushedBytes}");
        Notes.Add(context, $"{await Failure(() => { writer.Advance(1 << 20); return Task.CompletedTask; })}");
    }

    static async Task WriterCancelled(HttpContext context)
    {
        var writer = context.Response.BodyWriter;
        var bytes = new byte[int.Parse(context.Request.Query["bytes"]!)];
        Array.Fill(bytes, (byte)'x');
        var writing = writer.WriteAsync(bytes);
        writer.CancelPendingFlush();
        var first = await writing;
        Notes.Add(context, $"cancelled: {first.IsCanceled}, left: {writer.UnflushedBytes > 0}");
        var second = await writer.WriteAsync("!"u8.ToArray());
        Notes.Add(context, $"then: {second.IsCanceled}, left: {writer.UnflushedBytes > 0}");
    }

    static Task WriterUnflushed(HttpContext context)
    {
        var writer = context.Response.BodyWriter;
        "kept"u8.CopyTo(writer.GetSpan(4));
        writer.Advance(4);
        return Task.CompletedTask;
    }

    // Each part once the test has seen the one before.
    static async Task Streamed(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        for (int i = 1; i <= 3; i++)
        {
            await context.Response.WriteAsync($"part {i}\n");
            await context.Response.Body.FlushAsync();
            await Notes.Answer($"{context.Request.Query["until"]}", i);
        }
    }

    static async Task Large(HttpContext context)
    {
        long left = long.Parse(context.Request.Query["bytes"]!);
        var chunk = new byte[64 * 1024 + 1];
        for (int i = 0; i < chunk.Length; i++)
            chunk[i] = (byte)(i % 251);
        while (left > 0)
        {
            var part = chunk.AsMemory(0, (int)Math.Min(left, chunk.Length));
            if (context.Request.Query["by"] == "writer")
            {
                part.CopyTo(context.Response.BodyWriter.GetMemory(part.Length));
                context.Response.BodyWriter.Advance(part.Length);
                await context.Response.BodyWriter.FlushAsync();
            }
            else
            {
                await context.Response.Body.WriteAsync(part);
            }
            left -= part.Length;
        }
    }

    static async Task File(HttpContext context)
    {
        var query = context.Request.Query;
        context.Response.Headers["X-From"] = "file";
        if (query["before"] == "yes")
        {
            "before "u8.CopyTo(context.Response.BodyWriter.GetSpan());
            context.Response.BodyWriter.Advance(7);
        }
        long? count = query["count"] is [{ } text] ? long.Parse(text) : null;
        long offset = query["offset"] is [{ } from] ? long.Parse(from) : 0;
        await context.Response.SendFileAsync(query["path"]!, offset, count);
        if (query["after"] == "yes")
            await context.Response.WriteAsync(" after");
    }

    static async Task Length(HttpContext context)
    {
        var query = context.Request.Query;
        context.Response.ContentLength = long.Parse(query["length"]!);
        foreach (var part in query["write"])
            await context.Response.WriteAsync(part!);
    }

    static async Task Trailers(HttpContext context)
    {
        var response = context.Response;
        await response.WriteAsync($"{response.SupportsTrailers()}");
        if (!response.SupportsTrailers())
            return;
        response.AppendTrailer("X-Sum", "7");
        response.AppendTrailer("X-Line", new(["1", "2"]));
        if (context.Request.Query["bad"] == "yes")
            response.AppendTrailer("Content-Length", "7");
    }

    // A feature of a middleware's in the place of the server's.
    static async Task Replaced(HttpContext context)
    {
        var original = context.Response.Body;
        using var memory = new MemoryStream();
        context.Response.Body = memory;
        await context.Response.WriteAsync("shout");
        context.Response.Body = original;
        await context.Response.WriteAsync(System.Text.Encoding.UTF8.GetString(memory.ToArray()).ToUpperInvariant());
    }

    static async Task Sync(HttpContext context)
    {
        var (control, body) = (context.Features.GetRequiredFeature<IHttpBodyControlFeature>(), context.Response.Body);
        var refused = new List<string?>
        {
            await Failure(() => Task.FromResult(context.Request.Body.Read(new byte[1]))),
            await Failure(() =>
            {
                body.Write("x"u8);
                return Task.CompletedTask;
            }),
            await Failure(() =>
            {
                body.Flush();
                return Task.CompletedTask;
            }),
        };
        control.AllowSynchronousIO = true;
        using var reader = new StreamReader(context.Request.Body);
        body.Write(System.Text.Encoding.UTF8.GetBytes($"{string.Join('\n', refused)}\n{reader.ReadToEnd()}"));
        body.Flush();
    }

    static Task BadHeader(HttpContext context)
    {
        context.Response.Headers["X-Bad"] = "a\nb";
        return context.Response.WriteAsync("body");
    }

    /// <summary>What a call throws, or null.</summary>
    public static async Task<string?> Failure(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (Exception error)
        {
            return $"{error.GetType().Name}: {error.Message}";
        }
    }
}
