using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Owin;
using AddMiddleware = System.Action<System.Func<
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>>;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Microsoft.AspNetCore.Builder;

public static class OwinExtensions
{
    /// Adds OWIN middleware to an ASP.NET Core pipeline.
    public static IApplicationBuilder UseOwin(this IApplicationBuilder builder, Action<AddMiddleware> pipeline)
    {
        pipeline(builder.UseOwin());
        return builder;
    }

    public static AddMiddleware UseOwin(this IApplicationBuilder builder)
    {
        AddMiddleware add = middleware =>
            builder.Use(next =>
            {
                AppFunc exit = env => next((HttpContext)env[typeof(HttpContext).FullName!]);
                var app = middleware(exit);
                return context => app(new OwinEnvironment(context));
            });
        add(WebSocketAcceptAdapter.AdaptWebSockets);
        return add;
    }
}
