using System.Net.WebSockets;
using CloseFunc = System.Func<int, string, System.Threading.CancellationToken, System.Threading.Tasks.Task>;
using ReceiveFunc = System.Func<
    System.ArraySegment<byte>,
    System.Threading.CancellationToken,
    System.Threading.Tasks.Task<System.Tuple<int, bool, int>>
>;
using SendFunc = System.Func<
    System.ArraySegment<byte>,
    int,
    bool,
    System.Threading.CancellationToken,
    System.Threading.Tasks.Task
>;

namespace Microsoft.AspNetCore.Owin;

/// A WebSocket over the delegates of an OWIN server.
sealed class OwinWebSocketAdapter(IDictionary<string, object> env, string? subProtocol) : WebSocket
{
    readonly SendFunc send = (SendFunc)env["websocket.SendAsync"];
    readonly ReceiveFunc receive = (ReceiveFunc)env["websocket.ReceiveAsync"];
    readonly CloseFunc close = (CloseFunc)env["websocket.CloseAsync"];
    WebSocketState state = WebSocketState.Open;

    public override WebSocketState State => state;
    public override string? SubProtocol => subProtocol;

    public override WebSocketCloseStatus? CloseStatus =>
        env.TryGetValue("websocket.ClientCloseStatus", out var status) ? (WebSocketCloseStatus)(int)status : null;

    public override string? CloseStatusDescription =>
        env.TryGetValue("websocket.ClientCloseDescription", out var text) ? (string)text : null;

    public override Task SendAsync(
        ArraySegment<byte> buffer,
        WebSocketMessageType type,
        bool end,
        CancellationToken cancelled
    ) => send(buffer, type == WebSocketMessageType.Text ? 1 : 2, end, cancelled);

    public override async Task<WebSocketReceiveResult> ReceiveAsync(
        ArraySegment<byte> buffer,
        CancellationToken cancelled
    )
    {
        var (type, end, count) = await receive(buffer, cancelled);
        if (type != 8)
            return new(count, type == 1 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, end);
        state = state == WebSocketState.Open ? WebSocketState.CloseReceived : WebSocketState.Closed;
        return new(count, WebSocketMessageType.Close, end, CloseStatus, CloseStatusDescription);
    }

    public override async Task CloseOutputAsync(WebSocketCloseStatus status, string? text, CancellationToken cancelled)
    {
        state = state == WebSocketState.Open ? WebSocketState.CloseSent : WebSocketState.Closed;
        await close((int)status, text ?? "", cancelled);
    }

    public override async Task CloseAsync(WebSocketCloseStatus status, string? text, CancellationToken cancelled)
    {
        if (state is WebSocketState.Open or WebSocketState.CloseReceived)
            await CloseOutputAsync(status, text, cancelled);
        var rest = new byte[1024];
        while (state == WebSocketState.CloseSent)
            await ReceiveAsync(rest, cancelled);
    }

    public override void Abort() => state = WebSocketState.Aborted;

    public override void Dispose() { }
}
