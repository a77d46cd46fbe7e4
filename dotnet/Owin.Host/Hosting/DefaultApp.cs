using Owin.Host.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>
/// The end of every pipeline, <c>builder.DefaultApp</c>: nothing before it has answered. Goes on with express's next
/// handler; 404 where there is none.
/// </summary>
internal static class DefaultApp
{
    public static readonly AppFunc Instance = Invoke;

    static Task Invoke(IDictionary<string, object> env)
    {
        if (env.TryGetValue(OwinKeys.NodeNext, out var value) && value is AppFunc next)
            return next(env);
        env[OwinKeys.OwinResponseStatusCode] = 404;
        return Task.CompletedTask;
    }
}
