using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// Going on with the handlers of JavaScript.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Nexts => new() { ["/next"] = GoOn, ["/has-next"] = HasNext };

    /// Sets X-Before, goes on, and notes under `?id=` what became of it and the status it had. `&twice` goes on again
    /// and `&write` writes, both after it; `&unawaited` returns at once; `&read` reads the body first; `&throw` throws
    /// after it; `&status=` sets one before.
    static async Task GoOn(IDictionary<string, object> env)
    {
        var next = (AppFunc)env["node.Next"];
        var id = env.Query("id") ?? "next";
        env.ResponseHeaders()["X-Before"] = ["from .NET"];
        env.ResponseHeaders()["Set-Cookie"] = ["a=1", "b=2"];
        if (env.Query("status") != null)
            env["owin.ResponseStatusCode"] = (int)env.Number("status");
        if (env.Query("read") != null)
            await env.RequestBody().ReadExactlyAsync(new byte[1]);
        var going = next(env);
        if (env.Query("unawaited") != null)
            return;
        Notes.Add($"{id}:began", "");
        Notes.Add(id, $"{await Outcome(() => going)} {env["owin.ResponseStatusCode"]}");
        if (env.Query("twice") != null)
            Notes.Add($"{id}:twice", await Outcome(() => next(env)));
        if (env.Query("write") != null)
            Notes.Add($"{id}:write", await Outcome(() => env.ResponseBody().WriteAsync("late"u8.ToArray(), 0, 4)));
        if (env.Query("throw") != null)
            throw new InvalidOperationException("thrown behind next");
    }

    static Task HasNext(IDictionary<string, object> env) => env.Answer($"{env.ContainsKey("node.Next")}");
}
