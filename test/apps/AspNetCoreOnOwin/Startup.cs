using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Owin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace AspNetCoreOnOwin;

/// Hosts ASP.NET Core on the OWIN environment it is given.
public class Startup
{
    public AppFunc Configuration(IDictionary<string, object> properties)
    {
        var server = new OwinServer();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IServer>(server);
        builder.Services.AddSingleton<IHostLifetime, Lifetime>();
        var app = builder.Build();
        Map(app);
        app.Start();
        ((CancellationToken)properties["host.OnAppDisposing"]).Register(() =>
        {
            app.StopAsync().GetAwaiter().GetResult();
            Console.WriteLine("stopped");
        });
        // The environment has websocket.AcceptAlt as well; with the adapter websocket.Accept is what is used.
        return properties.ContainsKey("node.noAdapter")
            ? server.App!
            : OwinWebSocketAcceptAdapter.AdaptWebSockets(server.App!);
    }

    static void Map(WebApplication app)
    {
        app.UseExceptionHandler(handler =>
            handler.Run(context =>
            {
                context.Response.StatusCode = 500;
                return context.Response.WriteAsync("handled");
            })
        );
        app.MapGet("/hello", () => "Hello from ASP.NET Core");
        app.MapGet("/throw", string () => throw new InvalidOperationException("the endpoint has failed"));
        app.MapPost(
            "/echo",
            async (HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body)
        );
        app.MapGet(
            "/json/{name}",
            (string name, int count) => Results.Ok(new Dictionary<string, object> { [name] = count })
        );
        app.MapGet(
            "/request",
            (HttpContext context) =>
                $"{context.Request.Method} {context.Request.Scheme}://{context.Request.Host}|{context.Request.PathBase}|"
                + $"{context.Request.Path}|{context.Request.QueryString}|{context.Request.Headers["X-Two"]}|"
                + $"{context.Connection.RemoteIpAddress}|{context.User.Identity?.Name}"
        );
        app.MapGet(
            "/headers",
            (HttpContext context) =>
            {
                context.Response.Headers.Append("Set-Cookie", "a=1");
                context.Response.Headers.Append("Set-Cookie", "b=2");
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers["X-Late"] = "set at the start";
                    return Task.CompletedTask;
                });
                return Results.StatusCode(202);
            }
        );
        app.MapGet(
            "/ticks",
            async (HttpContext context) =>
            {
                for (int i = 0; i < 3; i++)
                {
                    await context.Response.WriteAsync($"tick {i}\n");
                    await context.Response.Body.FlushAsync();
                }
            }
        );
        app.MapGet("/ws", (Delegate)Echo);
    }

    static async Task<IResult> Echo(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return Results.BadRequest("no WebSocket");
        var wanted = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault();
        using var socket = await context.WebSockets.AcceptWebSocketAsync(wanted);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            await socket.SendAsync(
                buffer.AsMemory(0, received.Count),
                received.MessageType,
                received.EndOfMessage,
                context.RequestAborted
            );
        }
        await socket.CloseAsync(
            socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure,
            socket.CloseStatusDescription,
            CancellationToken.None
        );
        return Results.Empty;
    }

    /// Signals are not the app's.
    sealed class Lifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancelled) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancelled) => Task.CompletedTask;
    }
}
