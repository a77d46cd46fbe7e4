using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Headers =>
        new()
        {
            ["/on-sending-headers"] = OnSendingHeaders,
            ["/on-sending-headers-throws"] = OnSendingHeadersThrows,
            ["/set-headers"] = SetHeaders,
            ["/long-header"] = SetLongHeader,
        };

    /// Callbacks 1, 2, 3 leave their numbers in X-Order, the last one registered first, and set the status to
    /// 202. `?body` writes one, which says what registering and setting a header threw after the start.
    static async Task OnSendingHeaders(IDictionary<string, object> env)
    {
        var register = (Action<Action<object>, object>)env["server.OnSendingHeaders"];
        var headers = env.ResponseHeaders();
        for (var i = 1; i <= 3; i++)
        {
            register(
                state =>
                {
                    var soFar = headers.TryGetValue("X-Order", out var order) ? order[0] + "," : "";
                    headers["X-Order"] = [soFar + state];
                    env["owin.ResponseStatusCode"] = 202;
                },
                i
            );
        }
        if (env.Query("body") == null)
            return;
        await env.Send("body");
        await env.Send(" register:" + await Outcome(() => Task.Run(() => register(_ => { }, 4))));
        await env.Send(" header:" + await Outcome(() => Task.Run(() => headers["X-Late"] = ["1"])));
    }

    static async Task OnSendingHeadersThrows(IDictionary<string, object> env)
    {
        var register = (Action<Action<object>, object>)env["server.OnSendingHeaders"];
        register(_ => throw new InvalidOperationException("thrown in OnSendingHeaders"), env);
        await env.Answer("never seen");
    }

    /// X-Long has `?n=` characters.
    static Task SetLongHeader(IDictionary<string, object> env)
    {
        env.ResponseHeaders()["X-Long"] = [new string('x', (int)env.Number("n"))];
        return env.Answer("long");
    }

    /// Every query pair `name=value` becomes a response header line, in order; equal names append.
    static async Task SetHeaders(IDictionary<string, object> env)
    {
        var headers = env.ResponseHeaders();
        foreach (var pair in ((string)env["owin.RequestQueryString"]).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var name = Uri.UnescapeDataString(parts[0]);
            var value = Uri.UnescapeDataString(parts.Length == 2 ? parts[1] : "");
            headers[name] = headers.TryGetValue(name, out var values) ? [.. values, value] : [value];
        }
        await env.ResponseBody().WriteAsync("headers"u8.ToArray(), 0, 7);
    }
}
