using System.Security.Claims;
using System.Security.Principal;
using System.Text;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// What may be done with the dictionaries; every route answers lines `what=what came of it`.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Environments =>
        new()
        {
            ["/dictionary"] = UseEnvironment,
            ["/header-dictionary"] = UseHeaders,
            ["/users"] = SetUsers,
            ["/capabilities"] = UseCapabilities,
            ["/keep"] = Keep,
            ["/kept"] = ShowKept,
            ["/trace-output"] = WriteTrace,
        };

    static async Task UseEnvironment(IDictionary<string, object> env)
    {
        var missing = await Outcome(() => Task.FromResult(env["kitchen.Missing"]));
        var addExisting = await Outcome(() => Done(() => env.Add("owin.RequestMethod", "PUT")));
        env.Add("kitchen.Added", 1);
        var addTwice = await Outcome(() => Done(() => env.Add("kitchen.Added", 2)));
        env["kitchen.Added"] = 3;
        var count = env.Count;
        var removed = env.Remove("kitchen.Added");
        env["owin.RequestMethod"] = "MINE";
        env["host.AppName"] = "renamed for this request";
        var lines = new Dictionary<string, object?>
        {
            ["otherCase"] = env.ContainsKey("OWIN.requestmethod"),
            ["missing"] = missing,
            ["addExisting"] = addExisting,
            ["addTwice"] = addTwice,
            ["removed"] = removed && !env.ContainsKey("kitchen.Added"),
            ["counted"] = count == env.Count + 1 && count == env.Keys.Count + 1 && env.Values.Count == env.Keys.Count,
            ["replaced"] = env["owin.RequestMethod"],
            ["hostReplaced"] = env["host.AppName"],
            ["removedKnown"] = env.Remove("owin.RequestId") && !env.ContainsKey("owin.RequestId"),
            ["removedHost"] = env.Remove("host.AppName") && !env.TryGetValue("host.AppName", out _),
            ["nulls"] = env.Count(each => each.Value == null),
            ["readOnly"] = env.IsReadOnly,
            ["sameStreams"] =
                ReferenceEquals(env.RequestBody(), env.RequestBody())
                && ReferenceEquals(env.ResponseBody(), env.ResponseBody()),
        };
        await env.Answer(Lines(lines));
    }

    static async Task UseHeaders(IDictionary<string, object> env)
    {
        var headers = env.Query("of") == "response" ? env.ResponseHeaders() : env.RequestHeaders();
        var countBefore = headers.Count;
        headers["X-Mine"] = ["one", "two, three"];
        headers["X-Mine"][0] = "changed in the copy";
        var given = new[] { "given" };
        headers["X-Given"] = given;
        given[0] = "changed behind its back";
        var addTwice = await Outcome(() => Done(() => headers.Add("x-mine", ["again"])));
        var missing = await Outcome(() => Task.FromResult(headers["X-Missing"]));
        var lines = new Dictionary<string, object?>
        {
            ["countBefore"] = countBefore,
            ["otherCase"] = string.Join('|', headers["x-MINE"]),
            ["given"] = headers["X-Given"][0],
            ["addTwice"] = addTwice,
            ["missing"] = missing,
            ["contains"] = headers.ContainsKey("X-GIVEN"),
            ["removed"] = headers.Remove("x-given") && !headers.ContainsKey("X-Given"),
            ["enumerated"] = headers.Count == headers.Keys.Count && headers.Count == headers.Count(),
        };
        headers["x-mine"] = ["assigned"];
        lines["assigned"] = headers["X-Mine"][0];
        lines["casing"] = headers.Keys.Single(each => each.Equals("X-Mine", StringComparison.OrdinalIgnoreCase));
        headers.Remove("X-Mine");
        await env.Answer(Lines(lines));
    }

    /// One user under two names.
    static Task SetUsers(IDictionary<string, object> env)
    {
        var absent = !env.ContainsKey("server.User") && !env.ContainsKey("owin.RequestUser");
        env["server.User"] = new GenericPrincipal(new GenericIdentity("Ella"), []);
        var asOwin = ((ClaimsPrincipal)env["owin.RequestUser"]).Identity!.Name;
        env["owin.RequestUser"] = new ClaimsPrincipal(
            new ClaimsIdentity([new Claim(ClaimTypes.Name, "Louis")], "test")
        );
        var asServer = ((IPrincipal)env["server.User"]).Identity!.Name;
        return env.Answer(
            Lines(
                new()
                {
                    ["absent"] = absent,
                    ["owin.RequestUser"] = asOwin,
                    ["server.User"] = asServer,
                }
            )
        );
    }

    /// Answers what an earlier request left in the capabilities, then leaves `?put=`.
    static Task UseCapabilities(IDictionary<string, object> env)
    {
        var capabilities = (IDictionary<string, object>)env["server.Capabilities"];
        var found = capabilities.TryGetValue("kitchen", out var before) ? before : "nothing";
        capabilities["kitchen"] = env.Query("put") ?? "";
        return env.Answer($"{found}");
    }

    static async Task Keep(IDictionary<string, object> env)
    {
        Kept[env.Query("id")!] = env;
        await env.Answer("kept");
    }

    /// The environment that /keep kept under `?id=`, long after its request, and whether it is this one's.
    static Task ShowKept(IDictionary<string, object> env)
    {
        var kept = Kept[env.Query("id")!];
        return env.Answer(
            Lines(
                new()
                {
                    ["same"] = ReferenceEquals(kept, env),
                    ["sameHeaders"] = ReferenceEquals(kept.RequestHeaders(), env.RequestHeaders()),
                    ["path"] = kept.Path(),
                    ["query"] = kept["owin.RequestQueryString"],
                    ["header"] = kept.RequestHeaders()["X-Kept"][0],
                    ["cancelled"] = kept.CallCancelled().IsCancellationRequested,
                }
            )
        );
    }

    static Task WriteTrace(IDictionary<string, object> env)
    {
        ((TextWriter)env["host.TraceOutput"]).WriteLine(env.Query("text"));
        return env.Answer("written");
    }

    static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    static string Lines(Dictionary<string, object?> values)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in values)
            text.Append(name).Append('=').Append(value).Append('\n');
        return text.ToString();
    }
}
