using Katana;
using Microsoft.Owin;
using Owin;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

[assembly: OwinStartup(typeof(Chosen), "Start")]
[assembly: OwinStartup("Second", typeof(Chosen), "StartSecond")]
[assembly: OwinStartup("Third", typeof(Third))]
[assembly: OwinStartup("Twice", typeof(Third))]
[assembly: OwinStartup("twice", typeof(Chosen))]

namespace Katana;

/// Beside an OwinStartup attribute the name is nothing.
public class Startup
{
    public static Task Invoke(IDictionary<string, object> env) => env.Answer("by name");
}

public class Chosen
{
    public void Start(IAppBuilder app) =>
        app.Use(typeof(Tag), $"{app.Properties["katana.Builder"]} {app.Properties["host.AppName"]}")
            .Use(
                new Func<AppFunc, AppFunc>(next =>
                    env => env.Path() == "/fall" ? next(env) : env.Answer("by attribute")
                )
            );

    public void StartSecond(IAppBuilder app) => app.Use(new Func<AppFunc, AppFunc>(_ => env => env.Answer("second")));
}

public static class Third
{
    public static void Configuration(IAppBuilder app) =>
        app.Use(new Func<AppFunc, AppFunc>(_ => env => env.Answer("third")));
}

/// Sets a header and goes on.
public sealed class Tag(OwinMiddleware next, string text) : OwinMiddleware(next)
{
    public override Task Invoke(IDictionary<string, object> env)
    {
        env.ResponseHeaders()["X-Tag"] = [text];
        return Next.Invoke(env);
    }
}
