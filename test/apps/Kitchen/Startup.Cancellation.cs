using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Cancellation =>
        new()
        {
            ["/cancelled-log"] = LogCancelled,
            ["/cancelled-count"] = CountCancelled,
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
