namespace Bench.App;

/// <summary>Sends each WebSocket message back whole, as ws does.</summary>
internal static class Echo
{
    private const int Close = 8;

    public static void Accept(IDictionary<string, object> env)
    {
        var accept =
            (Action<IDictionary<string, object>, Func<IDictionary<string, object>, Task>>)env["websocket.Accept"];
        accept(null!, Run);
    }

    private static async Task Run(IDictionary<string, object> env)
    {
        var send = (Func<ArraySegment<byte>, int, bool, CancellationToken, Task>)env["websocket.SendAsync"];
        var receive =
            (Func<ArraySegment<byte>, CancellationToken, Task<Tuple<int, bool, int>>>)env["websocket.ReceiveAsync"];
        var buffer = new byte[1024];
        while (true)
        {
            int length = 0;
            while (true)
            {
                var (type, end, count) = await receive(new(buffer, length, buffer.Length - length), default);
                if (type == Close)
                    return;
                length += count;
                if (end)
                {
                    await send(new(buffer, 0, length), type, true, default);
                    break;
                }
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
