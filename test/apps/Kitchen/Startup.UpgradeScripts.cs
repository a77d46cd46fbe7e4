using System.Text;
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

namespace Kitchen;

public sealed partial class Startup
{
    /// Accepts, with what `?before=` says done before the app's Task completes, then runs the steps of `?do=` in the
    /// callback, separated by commas, and notes how it ended under `?id=`. What CallCancelled does goes under `<id>:cancelled`.
    static async Task AcceptAndRun(IDictionary<string, object> env)
    {
        var id = env.Query("id") ?? "";
        env.CallCancelled().Register(() => Notes.Add($"{id}:cancelled", ""));
        switch (env.Query("before"))
        {
            case "header":
                env.ResponseHeaders()["X-App"] = ["set"];
                env.ResponseHeaders()["Content-Length"] = ["5"];
                ((Action<Action<object>, object>)env["server.OnSendingHeaders"])(
                    state => ((IDictionary<string, string[]>)state)["X-Sending"] = ["ran"],
                    env.ResponseHeaders()
                );
                break;
            case "protocol-header":
                env.ResponseHeaders()["Sec-WebSocket-Protocol"] = ["two"];
                break;
            case "sending-throws":
                ((Action<Action<object>, object>)env["server.OnSendingHeaders"])(
                    _ => throw new InvalidOperationException("thrown by OnSendingHeaders"),
                    env
                );
                break;
        }
        await Accept(env, ws => RunCallback(env, ws, id));
        switch (env.Query("after"))
        {
            case "throw":
                throw new InvalidOperationException("thrown after accept");
            case "status":
                env["owin.ResponseStatusCode"] = 403;
                break;
            case "wait":
                Notes.Add($"{id}:waiting", "");
                await Notes.Wait($"{id}:go", 1, CancellationToken.None);
                break;
        }
    }

    static async Task RunCallback(IDictionary<string, object> env, IDictionary<string, object> ws, string id)
    {
        try
        {
            foreach (var step in (env.Query("do") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
                await RunStep(step, ws, id);
            Notes.Add(id, "done");
        }
        catch (Exception error)
        {
            Notes.Add(id, error.GetType().Name);
            throw;
        }
    }

    static async Task RunStep(string step, IDictionary<string, object> ws, string id)
    {
        var send = (Send)ws["websocket.SendAsync"];
        var (name, text) = step.Split(':', 2) is [var n, var t] ? (n, t) : (step, "");
        switch (name)
        {
            case "echo":
                await EchoMessages(ws);
                break;
            case "receive":
                var buffer = new byte[ChunkSize];
                var (type, end, count) = await ((Receive)ws["websocket.ReceiveAsync"])(buffer, default);
                Notes.Add($"{id}:received", $"{type} {end} {Encoding.UTF8.GetString(buffer, 0, count)}");
                break;
            case "send":
                await SendText(ws, text);
                break;
            case "part":
                await send(Encoding.UTF8.GetBytes(text), 1, false, default);
                break;
            case "close":
                await ((SendClose)ws["websocket.CloseAsync"])(
                    int.Parse(text.Split('-')[0]),
                    text.Split('-')[1],
                    default
                );
                break;
            case "send-close":
                await send(Convert.FromHexString(text), 8, true, default);
                break;
            case "type":
                Notes.Add($"{id}:type", await Outcome(() => send(new byte[1], int.Parse(text), true, default)));
                break;
            case "status":
                var description = ws.TryGetValue("websocket.ClientCloseDescription", out var d) ? d : "-";
                var status = ws.TryGetValue("websocket.ClientCloseStatus", out var s) ? s : "-";
                Notes.Add($"{id}:status", $"{status.GetType().Name} {status} {description}");
                break;
            case "cancelled":
                await WhenCancelled((CancellationToken)ws["websocket.CallCancelled"]);
                break;
            case "wait":
                await Notes.Wait($"{id}:go", 1, CancellationToken.None);
                break;
            case "throw":
                throw new InvalidOperationException("thrown by the callback");
            default:
                throw new ArgumentException($"There is no step '{step}'.");
        }
    }

    /// `?do=`: read, write, wait, throw, dispose, each with what it takes behind a colon; the outcome goes under `?id=`.
    static async Task RunOpaque(IDictionary<string, object> env, Stream stream)
    {
        var id = env.Query("id")!;
        try
        {
            foreach (var step in env.Query("do")!.Split(','))
            {
                var (name, text) = step.Split(':', 2) is [var n, var t] ? (n, t) : (step, "");
                switch (name)
                {
                    case "read":
                        var buffer = new byte[int.Parse(text)];
                        int read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
                        Notes.Add($"{id}:read", Encoding.Latin1.GetString(buffer, 0, read));
                        break;
                    case "read-sync":
                        var one = new byte[1];
                        Notes.Add($"{id}:read", $"{stream.Read(one, 0, 1)}");
                        break;
                    case "write":
                        stream.Write(Encoding.Latin1.GetBytes(text));
                        await stream.FlushAsync();
                        break;
                    case "wait":
                        await Notes.Wait($"{id}:go", 1, CancellationToken.None);
                        break;
                    case "dispose":
                        await stream.DisposeAsync();
                        break;
                    case "throw":
                        throw new InvalidOperationException("thrown by the opaque callback");
                }
            }
            Notes.Add(id, "done");
        }
        catch (Exception error)
        {
            Notes.Add(id, error.GetType().Name);
            throw;
        }
    }

    static Task WhenCancelled(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(cancelled.SetResult);
        return cancelled.Task;
    }
}
