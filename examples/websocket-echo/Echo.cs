using System.Text;
using Accept = System.Action<
    System.Collections.Generic.IDictionary<string, object>,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>;
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

/// <summary>Sends back what comes, until the client closes.</summary>
public class Startup
{
    const int Close = 8;

    public Task Invoke(IDictionary<string, object> env)
    {
        if (env.TryGetValue("websocket.Accept", out var accept))
        {
            // The handshake goes out when this method's Task has completed; then Run is called.
            ((Accept)accept)(null!, Run);
            return Task.CompletedTask;
        }
        env["owin.ResponseStatusCode"] = 426;
        ((IDictionary<string, string[]>)env["owin.ResponseHeaders"])["Upgrade"] = ["websocket"];
        return ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes("This is a WebSocket.")).AsTask();
    }

    static async Task Run(IDictionary<string, object> webSocket)
    {
        var receive = (Receive)webSocket["websocket.ReceiveAsync"];
        var send = (Send)webSocket["websocket.SendAsync"];
        var cancelled = (CancellationToken)webSocket["websocket.CallCancelled"];
        var buffer = new byte[4096];
        while (true)
        {
            var (type, end, count) = await receive(buffer, cancelled);
            if (type == Close)
                return;
            await send(new ArraySegment<byte>(buffer, 0, count), type, end, cancelled);
        }
    }
}
