using System.Net.WebSockets;
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

namespace Microsoft.AspNetCore.Owin;

/// Gives a pipeline websocket.Accept where its server has websocket.AcceptAlt.
public static class WebSocketAcceptAdapter
{
    public static AppFunc AdaptWebSockets(AppFunc next) =>
        async env =>
        {
            if (!env.TryGetValue("websocket.AcceptAlt", out var value) || value is not WebSocketAcceptAlt accept)
            {
                await next(env);
                return;
            }
            IDictionary<string, object>? options = null;
            Func<IDictionary<string, object>, Task>? callback = null;
            env["websocket.Accept"] = new WebSocketAccept(
                (given, accepted) =>
                {
                    options = given;
                    callback = accepted;
                    env["owin.ResponseStatusCode"] = 101;
                }
            );
            await next(env);
            if (callback == null || (int)env["owin.ResponseStatusCode"] != 101)
                return;
            var context = new WebSocketAcceptContext
            {
                SubProtocol = options?.TryGetValue("websocket.SubProtocol", out var name) == true ? (string)name : null,
            };
            using var socket = await accept(context);
            await callback(new WebSocketEnvironment(socket, (CancellationToken)env["owin.CallCancelled"]).Keys);
        };
}

/// The dictionary of an accepted WebSocket.
sealed class WebSocketEnvironment
{
    readonly WebSocket socket;

    public WebSocketEnvironment(WebSocket socket, CancellationToken cancelled)
    {
        this.socket = socket;
        Keys = new(StringComparer.Ordinal)
        {
            ["websocket.Version"] = "1.0",
            ["websocket.CallCancelled"] = cancelled,
            ["websocket.SendAsync"] = new Func<ArraySegment<byte>, int, bool, CancellationToken, Task>(Send),
            ["websocket.ReceiveAsync"] = new Func<ArraySegment<byte>, CancellationToken, Task<Tuple<int, bool, int>>>(
                Receive
            ),
            ["websocket.CloseAsync"] = new Func<int, string, CancellationToken, Task>(Close),
            [typeof(WebSocket).FullName!] = socket,
        };
    }

    public Dictionary<string, object> Keys { get; }

    Task Send(ArraySegment<byte> data, int type, bool end, CancellationToken cancelled) =>
        socket.SendAsync(data, type == 1 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, end, cancelled);

    async Task<Tuple<int, bool, int>> Receive(ArraySegment<byte> buffer, CancellationToken cancelled)
    {
        var result = await socket.ReceiveAsync(buffer, cancelled);
        if (result.MessageType == WebSocketMessageType.Close)
        {
            Keys["websocket.ClientCloseStatus"] = (int)(result.CloseStatus ?? WebSocketCloseStatus.NormalClosure);
            Keys["websocket.ClientCloseDescription"] = result.CloseStatusDescription ?? "";
        }
        int type = result.MessageType switch
        {
            WebSocketMessageType.Text => 1,
            WebSocketMessageType.Binary => 2,
            _ => 8,
        };
        return Tuple.Create(type, result.EndOfMessage, result.Count);
    }

    Task Close(int status, string description, CancellationToken cancelled) =>
        socket.CloseOutputAsync((WebSocketCloseStatus)status, description, cancelled);
}
