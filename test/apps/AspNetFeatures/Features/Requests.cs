using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Mvc;

namespace AspNetFeatures.Features;

/// What an app sees of a request, and how minimal APIs bind it.
static class Requests
{
    record Item(int Id, string Name);

    public static void MapRequests(this WebApplication app)
    {
        app.MapGet("/hello", () => "Hello World!");
        app.MapGet(
            "/items/{id:int}",
            (int id, string[] tag, string? sort) =>
                new
                {
                    id,
                    tag,
                    sort,
                }
        );
        app.MapPost("/items", (Item item) => TypedResults.Created($"/items/{item.Id}", item));
        app.MapPut("/items/{id:int}", (int id, [FromBody] Item item) => TypedResults.Ok(item with { Id = id }));
        app.MapDelete("/items/{id:int}", (int id) => TypedResults.NoContent());
        app.MapPost("/form", ReadForm).DisableAntiforgery();
        app.MapPost("/upload", Upload).DisableAntiforgery();
        app.MapMethods("/request/{**rest}", ["GET", "POST", "PURGE"], Describe);
        app.MapGet(
            "/headers",
            (HttpRequest request) =>
                Lines(request.Headers.Select(each => $"{each.Key}: {each.Value}").Order(StringComparer.Ordinal))
        );
        app.MapPost("/echo", (HttpRequest request, HttpResponse response) => request.Body.CopyToAsync(response.Body));
        app.MapPost("/echo-pipe", EchoPipe);
        app.MapPost("/length", CountBytes);
        app.MapPost("/small", CountBytes).WithMetadata(new RequestSizeLimitAttribute(1000));
        app.MapPost("/twice", ReadTwice);
        app.MapPost("/read-synchronously", (HttpRequest request) => request.Body.ReadByte());
        app.MapPost("/unread", () => "not read");
        app.MapGet("/configuration", (IConfiguration configuration, string key) => configuration[key] ?? "none");
        app.MapGet("/environment", DescribeHost);
    }

    static object ReadForm(HttpRequest request) => request.Form.ToDictionary(each => each.Key, each => each.Value);

    static async Task<object> Upload(IFormFile file, [FromForm] string note)
    {
        using var reader = new StreamReader(file.OpenReadStream());
        var text = await reader.ReadToEndAsync();
        return new
        {
            file.Name,
            file.FileName,
            file.ContentType,
            file.Length,
            End = text[^5..],
            note,
        };
    }

    static string Describe(HttpRequest request) =>
        Lines([
            request.Method,
            request.Scheme,
            request.Protocol,
            request.PathBase,
            request.Path,
            request.QueryString.Value ?? "",
            request.RouteValues["rest"]?.ToString() ?? "",
            request.ContentLength?.ToString() ?? "none",
            request.ContentType ?? "none",
        ]);

    static string DescribeHost(IWebHostEnvironment environment) =>
        Lines([
            environment.ApplicationName,
            environment.EnvironmentName,
            environment.ContentRootPath,
            environment.WebRootPath,
            Environment.GetEnvironmentVariable("FromLaunchSettings") ?? "none",
        ]);

    static async Task EchoPipe(HttpContext context)
    {
        var (reader, writer) = (context.Request.BodyReader, context.Response.BodyWriter);
        while (true)
        {
            var read = await reader.ReadAsync();
            foreach (var segment in read.Buffer)
                writer.Write(segment.Span);
            await writer.FlushAsync();
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    static async Task<string> CountBytes(HttpRequest request)
    {
        var (buffer, count) = (new byte[65536], 0L);
        while (await request.Body.ReadAsync(buffer) is > 0 and var read)
            count += read;
        return count.ToString();
    }

    static async Task<string> ReadTwice(HttpRequest request)
    {
        request.EnableBuffering();
        var first = await new StreamReader(request.Body, Encoding.UTF8, leaveOpen: true).ReadToEndAsync();
        request.Body.Position = 0;
        return first + await new StreamReader(request.Body).ReadToEndAsync();
    }

    static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);
}
