using System.Net.WebSockets;
using System.Text;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using Receive = System.Func<
    System.ArraySegment<byte>,
    System.Threading.CancellationToken,
    System.Threading.Tasks.Task<System.Tuple<int, bool, int>>
>;
using Send = System.Func<
    System.ArraySegment<byte>,
    int,
    bool,
    System.Threading.CancellationToken,
    System.Threading.Tasks.Task
>;
using SendClose = System.Func<int, string, System.Threading.CancellationToken, System.Threading.Tasks.Task>;
using Upgrade = System.Action<
    System.Collections.Generic.IDictionary<string, object>,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>;

namespace Kitchen;

public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Upgrades =>
        new()
        {
            ["/ws-echo"] = env => Accept(env, EchoMessages),
            ["/ws-script"] = AcceptAndRun,
            ["/ws-keys"] = env => Accept(env, ShowWebSocket),
            ["/ws-alt"] = EchoByAcceptAlt,
            ["/ws-hold"] = env => Accept(env, HoldMessages),
            ["/ws-flood"] = env => Accept(env, ws => Flood(env, ws)),
            ["/opaque-echo"] = env => Upgraded(env, EchoBytes),
            ["/opaque-lines"] = env => Upgraded(env, ReverseLines),
            ["/opaque-script"] = env => Upgraded(env, stream => RunOpaque(env, stream)),
            ["/opaque-flood"] = env => Upgraded(env, stream => FloodBytes(env, stream)),
            ["/upgrade-keys"] = ShowUpgradeKeys,
            ["/upgrade-twice"] = AcceptTwice,
        };

    static Task Accept(IDictionary<string, object> env, AppFunc callback, IDictionary<string, object>? options = null)
    {
        if (env.Query("deflate") != null)
            options = new Dictionary<string, object> { ["node.WebSocketDeflate"] = true };
        if (env.Query("protocol") is { } protocol)
            options = new Dictionary<string, object> { ["websocket.SubProtocol"] = protocol };
        ((Upgrade)env["websocket.Accept"])(options!, callback);
        return Task.CompletedTask;
    }

    static Task Upgraded(IDictionary<string, object> env, Func<Stream, Task> callback)
    {
        ((Upgrade)env["opaque.Upgrade"])(null!, opaque => callback((Stream)opaque["opaque.Stream"]));
        return Task.CompletedTask;
    }

    /// Sends every frame back until the client closes, and leaves the answer to that to the server.
    static async Task EchoMessages(IDictionary<string, object> ws)
    {
        var receive = (Receive)ws["websocket.ReceiveAsync"];
        var send = (Send)ws["websocket.SendAsync"];
        var buffer = new byte[ChunkSize];
        while (true)
        {
            var (type, end, count) = await receive(buffer, default);
            if (type == 8)
                return;
            await send(new(buffer, 0, count), type, end, default);
        }
    }

    static async Task EchoByAcceptAlt(IDictionary<string, object> env)
    {
        var accept = (Delegate)env["websocket.AcceptAlt"];
        var context = Activator.CreateInstance(accept.GetType().GetGenericArguments()[0])!;
        context.GetType().GetProperty("SubProtocol")!.SetValue(context, env.Query("protocol"));
        if (env.Query("deflate") != null)
            context.GetType().GetProperty("DangerousEnableCompression")!.SetValue(context, true);
        var webSocket = await (Task<WebSocket>)accept.DynamicInvoke(context)!;
        var buffer = new byte[ChunkSize];
        while (
            await webSocket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } received
        )
            await webSocket.SendAsync(
                new ArraySegment<byte>(buffer, 0, received.Count),
                received.MessageType,
                received.EndOfMessage,
                default
            );
    }

    /// Reads nothing until a note under `<id>:go`, then counts to the end of the first message and answers that.
    static async Task HoldMessages(IDictionary<string, object> ws)
    {
        var context = (WebSocketContext)ws["System.Net.WebSockets.WebSocketContext"];
        var id = context.RequestUri.Query.Split("id=")[1];
        await Notes.Wait($"{id}:go", 1, default);
        var count = 0L;
        var buffer = new byte[ChunkSize];
        for (var ended = false; !ended; )
        {
            var (_, end, length) = await ((Receive)ws["websocket.ReceiveAsync"])(buffer, default);
            (ended, count) = (end, count + length);
        }
        await SendText(ws, $"{count}");
    }

    /// Sends `?n=` messages of `?size=` bytes; the first SendAsync that waits longer than 300 ms is noted under `?id=`.
    static async Task Flood(IDictionary<string, object> env, IDictionary<string, object> ws)
    {
        var message = new byte[env.Number("size", 1000)];
        await SendHeld(env, () => ((Send)ws["websocket.SendAsync"])(message, 2, true, default));
        await ((SendClose)ws["websocket.CloseAsync"])(1000, "", default);
    }

    static Task FloodBytes(IDictionary<string, object> env, Stream stream)
    {
        var bytes = new byte[env.Number("size", 1000)];
        return SendHeld(env, () => stream.WriteAsync(bytes, 0, bytes.Length));
    }

    static async Task SendHeld(IDictionary<string, object> env, Func<Task> send)
    {
        var held = false;
        for (var i = 0L; i < env.Number("n"); i++)
        {
            var sending = send();
            if (!held && await Task.WhenAny(sending, Task.Delay(300)) != sending)
            {
                held = true;
                Notes.Add(env.Query("id")!, $"{i}");
            }
            await sending;
        }
    }

    /// What the callback's environment holds, as a text message of lines.
    static async Task ShowWebSocket(IDictionary<string, object> ws)
    {
        var context = (WebSocketContext)ws["System.Net.WebSockets.WebSocketContext"];
        var lines = ws.Select(each => $"{each.Key}={each.Value?.GetType()}")
            .Append($"state={((WebSocket)ws["System.Net.WebSockets.WebSocket"]).State}")
            .Append($"same={context.WebSocket == ws["System.Net.WebSockets.WebSocket"]}")
            .Append($"uri={context.RequestUri.AbsoluteUri}")
            .Append($"origin={context.Origin}")
            .Append($"protocols={string.Join(' ', context.SecWebSocketProtocols)}")
            .Append($"cookie={context.CookieCollection["a"]?.Value}")
            .Append($"header={context.Headers["X-One"]}")
            .Append($"version={ws["websocket.Version"]}");
        await SendText(ws, string.Join('\n', lines));
        await EchoMessages(ws);
    }

    static Task SendText(IDictionary<string, object> ws, string text) =>
        ((Send)ws["websocket.SendAsync"])(Encoding.UTF8.GetBytes(text), 1, true, default);

    static async Task EchoBytes(Stream stream)
    {
        var buffer = new byte[ChunkSize];
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; )
            await stream.WriteAsync(buffer.AsMemory(0, read));
    }

    /// The test's own protocol: lines, each answered reversed; `bye` ends it, and so does the client's end.
    static async Task ReverseLines(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream, Encoding.Latin1) { AutoFlush = true, NewLine = "\n" };
        while (await reader.ReadLineAsync() is { } line and not "bye")
            await writer.WriteLineAsync(string.Concat(line.Reverse()));
        await writer.WriteLineAsync("so long");
    }

    static Task ShowUpgradeKeys(IDictionary<string, object> env) =>
        env.Answer(
            string.Join(
                '\n',
                env.Where(each => each.Key.StartsWith("opaque.") || each.Key.StartsWith("websocket."))
                    .Select(each => $"{each.Key}={each.Value.GetType()}")
                    .Concat(
                        ((IDictionary<string, object>)env["server.Capabilities"])
                            .OrderBy(each => each.Key)
                            .Select(each => $"capability:{each.Key}={each.Value}")
                    )
            )
        );

    /// The second accept, with another key, and one after the start; each outcome is noted under `?id=`.
    static async Task AcceptTwice(IDictionary<string, object> env)
    {
        var accept = (Upgrade)env["websocket.Accept"];
        var upgrade = (Upgrade)env["opaque.Upgrade"];
        var id = env.Query("id")!;
        Notes.Add(id, "null " + await Outcome(() => Run(() => accept(null!, null!))));
        if (env.Query("write") != null)
        {
            await env.Send("begun");
            Notes.Add(id, "started " + await Outcome(() => Run(() => accept(null!, EchoMessages))));
            return;
        }
        await Task.Yield();
        accept(null!, EchoMessages);
        Notes.Add(id, $"status {env["owin.ResponseStatusCode"]}");
        Notes.Add(id, "twice " + await Outcome(() => Run(() => accept(null!, EchoMessages))));
        Notes.Add(id, "opaque " + await Outcome(() => Run(() => upgrade(null!, EchoMessages))));
        Notes.Add(id, "write " + await Outcome(() => env.ResponseBody().WriteAsync(new byte[1], 0, 1)));

        static Task Run(Action action)
        {
            action();
            return Task.CompletedTask;
        }
    }
}
