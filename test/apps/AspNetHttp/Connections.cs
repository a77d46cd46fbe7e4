using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace AspNetHttp;

/// <summary>Upgrades, TLS, and what belongs to a connection.</summary>
static class Connections
{
    public static void Map(WebApplication app)
    {
        app.Map("/upgrade", Upgrade);
        app.Map("/upgrade/refused", Refused);
        app.Map("/socket", Socket);
        app.Map("/tls", Tls);
        app.Map("/state", State);
        app.Map("/state/kept", Kept);
        MapAddresses(app);
    }

    // Where the server listens.
    static void MapAddresses(WebApplication app)
    {
        var feature = ((IApplicationBuilder)app).ServerFeatures.GetRequiredFeature<IServerAddressesFeature>();
        app.MapGet("/addresses", (IServer server) => server.Features.Get<IServerAddressesFeature>()!.Addresses);
        app.MapGet("/addresses/urls", () => app.Urls);
        // One more comes while they are gone through.
        app.MapGet(
            "/addresses/more",
            () =>
            {
                var seen = new List<string>();
                foreach (var address in feature.Addresses)
                {
                    feature.Addresses.Add("http://more");
                    seen.Add(address);
                }
                return seen;
            }
        );
    }

    static async Task Upgrade(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        context.Response.Headers["X-Upgrade"] = "1";
        context.Response.OnStarting(() =>
        {
            context.Response.Headers["X-Starting"] = "1";
            return Task.CompletedTask;
        });
        await using var stream = await feature.UpgradeAsync();
        var again = await Responses.Failure(feature.UpgradeAsync);
        Notes.Add(context, $"{context.Response.StatusCode} {context.Response.HasStarted} {again}");
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line and not "end")
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"got {line}\n"));
    }

    static async Task Refused(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        await context.Response.WriteAsync($"{await Responses.Failure(feature.UpgradeAsync)}");
    }

    static async Task Socket(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await context.Response.WriteAsync("no WebSocket");
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault() }
        );
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var message = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (message.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(message.CloseStatus ?? WebSocketCloseStatus.NormalClosure, "bye", default);
                return;
            }
            await socket.SendAsync(
                buffer.AsMemory(0, message.Count),
                message.MessageType,
                message.EndOfMessage,
                context.RequestAborted
            );
        }
    }

    static async Task Tls(HttpContext context)
    {
        var connection = context.Features.Get<ITlsConnectionFeature>();
        var handshake = context.Features.Get<ITlsHandshakeFeature>();
        await context.Response.WriteAsJsonAsync(
            new
            {
                Secure = connection != null,
                Subject = context.Connection.ClientCertificate?.Subject,
                Loaded = (await context.Connection.GetClientCertificateAsync())?.Subject,
                Handshake = handshake != null,
                Protocol = handshake?.Protocol.ToString(),
                Suite = handshake?.NegotiatedCipherSuite.ToString(),
                Name = handshake?.HostName,
            }
        );
    }

    // Counts the requests of a connection.
    static Task State(HttpContext context)
    {
        var state = context.Features.GetRequiredFeature<IPersistentStateFeature>().State;
        if (!state.TryGetValue("count", out var count))
        {
            state["count"] = count = new Counter();
            lock (Counters)
                Counters.Add(new(count));
        }
        return context.Response.WriteAsync($"{++((Counter)count!).Count}");
    }

    // How many connections something is still kept for.
    static string Kept()
    {
        GC.Collect();
        lock (Counters)
            return $"{Counters.Count(each => each.IsAlive)}";
    }

    static readonly List<WeakReference> Counters = [];

    sealed class Counter
    {
        public int Count;
    }
}
