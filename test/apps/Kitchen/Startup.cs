using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// <summary>
/// One OWIN app for most integration tests: a table from path to handler, in parts by topic. A new route is a
/// line in its topic's table; a new topic is a table that is added here.
/// </summary>
public sealed partial class Startup
{
    static readonly Dictionary<string, AppFunc> Routes = new(
        [
            .. Basics,
            .. Bodies,
            .. Streams,
            .. Endings,
            .. Headers,
            .. Environments,
            .. Cancellation,
            .. Nexts,
            .. Scripts,
            .. Load,
            .. Runtime,
            .. Files,
            .. Trailers,
            .. Upgrades,
            .. FromJs,
            .. Requests,
        ],
        StringComparer.Ordinal
    );

    public Task Invoke(IDictionary<string, object> env)
    {
        if (Routes.TryGetValue(env.Path(), out var route))
            return route(env);
        env["owin.ResponseStatusCode"] = 404;
        return Task.CompletedTask;
    }
}
