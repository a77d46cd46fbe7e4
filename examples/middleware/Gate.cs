using System.Diagnostics;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

/// <summary>
/// Middleware: a function from the next app to an app. It lets nobody into /private who has no key, and says in a header
/// how long what is behind it took.
/// </summary>
public class Startup
{
    public AppFunc Invoke(AppFunc next) =>
        env =>
        {
            var requested = (IDictionary<string, string[]>)env["owin.RequestHeaders"];
            if ((string)env["owin.RequestPath"] == "/private" && !requested.ContainsKey("X-Key"))
            {
                env["owin.ResponseStatusCode"] = 401;
                return Task.CompletedTask;
            }
            var begin = Stopwatch.GetTimestamp();
            var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
            var onSendingHeaders = (Action<Action<object>, object>)env["server.OnSendingHeaders"];
            onSendingHeaders(
                _ =>
                    headers["Server-Timing"] = [$"behind;dur={(int)Stopwatch.GetElapsedTime(begin).TotalMilliseconds}"],
                env
            );
            return next(env);
        };
}
