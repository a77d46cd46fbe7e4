using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Cancellation =>
        new()
        {
            ["/cancelled-log"] = LogCancelled,
            ["/cancelled-count"] = CountCancelled,
            ["/cancelled-throwing"] = ThrowWhenCancelled,
            ["/cancelled-late"] = ReadTokenLate,
            ["/cancelled-kept"] = KeepToken,
            ["/cancelled-kept/now"] = ShowToken,
            ["/closing"] = RegisterClosing,
        };

    /// Waits for CallCancelled and notes it under "cancelled", or under `?id=`. `&write` starts the response.
    static async Task LogCancelled(IDictionary<string, object> env)
    {
        var topic = env.Query("id") ?? "cancelled";
        Notes.Add($"{topic}:waiting", "");
        if (env.Query("write") != null)
            await env.Send("begun");
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = env.CallCancelled().Register(cancelled.SetResult);
        await cancelled.Task;
        Notes.Add(topic, "cancelled");
    }

    /// How often /cancelled-log with this `?id=` was cancelled; `&at-least=` waits for that.
    static async Task CountCancelled(IDictionary<string, object> env)
    {
        var notes = await Notes.Wait(env.Query("id") ?? "cancelled", env.Number("at-least"), env.CallCancelled());
        await env.Answer($"{notes.Length}");
    }

    /// Registers callbacks on CallCancelled of which one throws `?id=`; the others are noted under it.
    static async Task ThrowWhenCancelled(IDictionary<string, object> env)
    {
        var id = env.Query("id")!;
        env.CallCancelled().Register(() => Notes.Add(id, "first"));
        env.CallCancelled().Register(() => throw new InvalidOperationException($"thrown when cancelled: {id}"));
        env.CallCancelled().Register(() => Notes.Add(id, "last"));
        Notes.Add($"{id}:waiting", "");
        await new TaskCompletionSource().Task;
    }

    /// Notices by writing that the client has gone, only then reads the token, and notes it under `?id=`.
    static async Task ReadTokenLate(IDictionary<string, object> env)
    {
        while (await Outcome(() => env.ResponseBody().WriteAsync(Pattern, 0, ChunkSize)) == "none") { }
        Notes.Add(env.Query("id")!, $"{env.CallCancelled().IsCancellationRequested}");
    }

    /// Answers, and keeps its token under `?id=` for /cancelled-kept/now.
    static async Task KeepToken(IDictionary<string, object> env)
    {
        var id = env.Query("id")!;
        env.CallCancelled().Register(() => Notes.Add(id, "cancelled"));
        Kept[id] = env;
        await env.Answer("kept");
    }

    static Task ShowToken(IDictionary<string, object> env)
    {
        Kept.TryRemove(env.Query("id")!, out var kept);
        return env.Answer($"{kept!.CallCancelled().IsCancellationRequested}");
    }

    /// Writes `?id=` to the trace output when the handler is closed; `&throw` throws it.
    static Task RegisterClosing(IDictionary<string, object> env)
    {
        var trace = (TextWriter)env["host.TraceOutput"];
        var id = env.Query("id");
        var fails = env.Query("throw") != null;
        ((CancellationToken)env["host.OnAppDisposing"]).Register(() =>
        {
            trace.WriteLine($"closing {id}");
            if (fails)
                throw new InvalidOperationException($"closing {id}");
        });
        return env.Answer("registered");
    }
}
