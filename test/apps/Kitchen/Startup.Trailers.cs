using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// What comes behind a body.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Trailers => new() { ["/trailers"] = SendTrailers, ["/duplex"] = Duplex };

    /// Reads the body and answers which trailers it had before and after that; `?send=Name:value` sends trailers of its
    /// own, one each time, behind `?body=` (the answer, where that is not there).
    static async Task SendTrailers(IDictionary<string, object> env)
    {
        var before = env.ContainsKey("node.RequestTrailers");
        using var reader = new StreamReader(env.RequestBody());
        var text = await reader.ReadToEndAsync();
        var trailers = env.TryGetValue("node.RequestTrailers", out var found)
            ? string.Join('|', ((IDictionary<string, string[]>)found).Select(Line))
            : "absent";
        var mine = (IDictionary<string, string[]>?)(env.TryGetValue("node.ResponseTrailers", out found) ? found : null);
        foreach (var line in Queries(env, "send"))
        {
            var (name, value) = line.Split(':', 2) is [var first, var second] ? (first, second) : (line, "");
            mine![name] = [.. mine.TryGetValue(name, out var values) ? values : [], value];
        }
        if (env.Query("length") is { } length)
            env.ResponseHeaders()["Content-Length"] = [length];
        var answer = env.Query("body") ?? $"before={before}\ntext={text}\ntrailers={trailers}\nmine={mine?.Count}\n";
        if (answer != "")
            await env.Send(answer);

        static string Line(KeyValuePair<string, string[]> each) => $"{each.Key}:{string.Join(',', each.Value)}";
    }

    static IEnumerable<string> Queries(IDictionary<string, object> env, string name) =>
        from pair in ((string)env["owin.RequestQueryString"]).Split('&')
        where pair.StartsWith(name + '=', StringComparison.Ordinal)
        select Uri.UnescapeDataString(pair[(name.Length + 1)..]);

    /// Answers each line of the request as soon as it has come.
    static async Task Duplex(IDictionary<string, object> env)
    {
        await env.Send("begun\n");
        using var reader = new StreamReader(env.RequestBody());
        while (await reader.ReadLineAsync() is { } line)
            await env.Send($"got {line}\n");
        ((IDictionary<string, string[]>)env["node.ResponseTrailers"])["X-Status"] = ["done"];
    }
}
