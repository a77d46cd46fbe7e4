using Owin;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Shop;

/// <summary>Puts a pipeline together, as Katana apps do.</summary>
public class Startup
{
    public void Configuration(IAppBuilder app) =>
        app.Use(
                new Func<AppFunc, AppFunc>(next =>
                    env =>
                    {
                        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
                        headers["X-Shop"] = ["open"];
                        return next(env);
                    }
                )
            )
            .Use(typeof(Prices), "EUR");
}

/// <summary>Middleware as a class: the next app comes first, then what was given to Use.</summary>
public class Prices(AppFunc next, string currency)
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        if ((string)env["owin.RequestPath"] != "/prices")
        {
            await next(env);
            return;
        }
        await using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync($"Tea 2 {currency}, coffee 3 {currency}\n");
    }
}
