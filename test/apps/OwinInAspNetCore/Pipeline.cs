using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using WebSocketAccept = System.Action<
    System.Collections.Generic.IDictionary<string, object>?,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>;
using WebSocketAcceptAlt = System.Func<
    Microsoft.AspNetCore.Http.WebSocketAcceptContext?,
    System.Threading.Tasks.Task<System.Net.WebSockets.WebSocket>
>;

namespace OwinInAspNetCore;

/// OWIN middleware, which knows nothing of ASP.NET Core but the type of websocket.AcceptAlt.
static class Pipeline
{
    static string lastNext = "";

    /// Sets headers when the response starts; the callback that was registered last runs first.
    public static AppFunc Stamp(AppFunc next) =>
        env =>
        {
            var sending = (Action<Action<object>, object>)env["server.OnSendingHeaders"];
            var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
            sending(state => headers["X-Order"] = [.. Order(headers), (string)state], "second");
            sending(state => headers["X-Order"] = [.. Order(headers), (string)state], "first");
            return next(env);
        };

    static string[] Order(IDictionary<string, string[]> headers) =>
        headers.TryGetValue("X-Order", out var values) ? values : [];

    public static AppFunc Routes(AppFunc next) =>
        async env =>
        {
            switch ((string)env["owin.RequestPath"])
            {
                case "/hello":
                    await Hello(env);
                    break;
                case "/keys":
                    await Write(env, string.Join('\n', env.Select(Show).Order(StringComparer.Ordinal)));
                    break;
                case "/echo":
                    await ((Stream)env["owin.RequestBody"]).CopyToAsync((Stream)env["owin.ResponseBody"]);
                    break;
                case "/file":
                    var send = (Func<string, long, long?, CancellationToken, Task>)env["sendfile.SendAsync"];
                    await send(typeof(Pipeline).Assembly.Location, 0, 2, default);
                    break;
                case "/user":
                    env["server.User"] = new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "Ella")], "own"));
                    await Write(env, ((ClaimsPrincipal)env["owin.RequestUser"]).Identity!.Name!);
                    break;
                case "/call":
                    var call = (Func<object, Task<object>>)env["node.greet"];
                    await Write(env, (string)await call("OWIN"));
                    break;
                case "/next":
                    await ((AppFunc)env["node.Next"])(env);
                    lastNext =
                        $"{env["owin.ResponseStatusCode"]} {((HttpContext)env[typeof(HttpContext).FullName!]).Response.HasStarted}";
                    break;
                case "/notes":
                    await Write(env, lastNext);
                    break;
                case "/accept":
                    ((WebSocketAccept)env["websocket.Accept"])(
                        new Dictionary<string, object> { ["websocket.SubProtocol"] = "echo" },
                        EchoDelegates
                    );
                    break;
                case "/accept-alt":
                    using (var socket = await ((WebSocketAcceptAlt)env["websocket.AcceptAlt"])(null))
                        await EchoSocket(socket);
                    break;
                default:
                    env["pipeline.Note"] = "a note of OWIN's";
                    await next(env);
                    break;
            }
        };

    // The example of ASP.NET Core's documentation.
    static Task Hello(IDictionary<string, object> env)
    {
        var text = Encoding.UTF8.GetBytes("Hello World via OWIN");
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Length"] = [$"{text.Length}"];
        headers["Content-Type"] = ["text/plain"];
        return ((Stream)env["owin.ResponseBody"]).WriteAsync(text, 0, text.Length);
    }

    static Task Write(IDictionary<string, object> env, string text) =>
        ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    static string Show(KeyValuePair<string, object> entry) =>
        $"{entry.Key}={(entry.Value is string or bool or int or double ? entry.Value : entry.Value.GetType().Name)}";

    static async Task EchoDelegates(IDictionary<string, object> socket)
    {
        var send = (Func<ArraySegment<byte>, int, bool, CancellationToken, Task>)socket["websocket.SendAsync"];
        var receive =
            (Func<ArraySegment<byte>, CancellationToken, Task<Tuple<int, bool, int>>>)socket["websocket.ReceiveAsync"];
        var close = (Func<int, string, CancellationToken, Task>)socket["websocket.CloseAsync"];
        var buffer = new ArraySegment<byte>(new byte[64 * 1024]);
        while (true)
        {
            var (type, end, count) = await receive(buffer, default);
            if (type == 8)
                break;
            await send(buffer[..count], type, end, default);
        }
        await close(
            (int)socket["websocket.ClientCloseStatus"],
            (string)socket["websocket.ClientCloseDescription"],
            default
        );
    }

    static async Task EchoSocket(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, default);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            await socket.SendAsync(
                buffer.AsMemory(0, received.Count),
                received.MessageType,
                received.EndOfMessage,
                default
            );
        }
        await socket.CloseOutputAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, default);
    }
}
