using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Scripts => new() { ["/script"] = RunScript, ["/note"] = AddNote };

    /// Every query pair `step=text` is a step of <see cref="Script"/>, in order; its notes go under `?id=`.
    static async Task RunScript(IDictionary<string, object> env)
    {
        var script = new Script(env, env.Query("id") ?? "script");
        foreach (var pair in ((string)env["owin.RequestQueryString"]).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            await script.Run(parts[0], parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// Notes `?text=` under `?of=`, which lets a handler go on that waits for it.
    static Task AddNote(IDictionary<string, object> env)
    {
        Notes.Add(env.Query("of") ?? "", env.Query("text") ?? "");
        return env.Answer("noted");
    }
}
