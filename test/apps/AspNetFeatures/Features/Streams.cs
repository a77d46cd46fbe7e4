using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace AspNetFeatures.Features;

/// Bodies that come in pieces, both ways at once, and connections that stay.
static class Streams
{
    static int left;

    public static void MapStreams(this WebApplication app)
    {
        app.MapGet("/large", WriteLarge);
        app.MapGet(
            "/events",
            (int? count, CancellationToken gone) => TypedResults.ServerSentEvents(Count(count, gone))
        );
        app.MapGet("/events/left", () => Volatile.Read(ref left).ToString());
        app.MapGet("/numbers", () => Numbers());
        app.MapPost("/duplex", EchoLines);
        app.MapPost("/request-trailers", ShowTrailers);
        app.Map("/web-socket", EchoMessages);
    }

    static async Task WriteLarge(HttpResponse response, long size)
    {
        var buffer = new byte[50_000];
        for (var sent = 0L; sent < size; )
        {
            var next = (int)Math.Min(buffer.Length, size - sent);
            buffer.AsSpan().Fill((byte)(sent / buffer.Length));
            await response.Body.WriteAsync(buffer.AsMemory(0, next));
            sent += next;
        }
    }

    static async IAsyncEnumerable<SseItem<string>> Count(int? count, [EnumeratorCancellation] CancellationToken gone)
    {
        yield return new("welcome", "greeting") { EventId = "0" };
        for (var i = 1; i <= count; i++)
        {
            await Task.Yield();
            yield return new($"line {i}\nof two") { EventId = i.ToString() };
        }
        try
        {
            if (count is null)
                await Task.Delay(Timeout.Infinite, gone);
        }
        finally
        {
            if (count is null)
                Interlocked.Increment(ref left);
        }
    }

    static async IAsyncEnumerable<int> Numbers()
    {
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    /// Answers each line when it has come; the trailers tell how many, where there can be trailers.
    static async Task EchoLines(HttpContext context)
    {
        var response = context.Response;
        if (response.SupportsTrailers())
            response.DeclareTrailer("X-Lines");
        await response.Body.FlushAsync();
        var reader = new StreamReader(context.Request.Body);
        var lines = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            lines++;
            await response.WriteAsync($"{line.ToUpperInvariant()}\n");
            await response.Body.FlushAsync();
        }
        if (response.SupportsTrailers())
            response.AppendTrailer("X-Lines", lines.ToString());
    }

    /// Answers at once whether the trailers are there, and what they are when the body has been read.
    static async Task ShowTrailers(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var early = request.CheckTrailersAvailable() ? "there" : "not there";
        await response.WriteAsync($"{request.SupportsTrailers()} {early}");
        await response.Body.FlushAsync();
        await request.Body.CopyToAsync(Stream.Null);
        await response.WriteAsync($" {request.GetTrailer("X-Sum")}");
    }

    static async Task EchoMessages(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = 426;
            return;
        }
        var protocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault();
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            var part = new ArraySegment<byte>(buffer, 0, received.Count);
            await socket.SendAsync(part, received.MessageType, received.EndOfMessage, context.RequestAborted);
        }
        await socket.CloseAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, CancellationToken.None);
    }
}
