using System.Text;
using Microsoft.AspNetCore.Http;

namespace AspNetCore;

/// Cannot be loaded without ASP.NET Core: what it implements is of that.
public class Startup : IMiddleware
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next) => next(context);

    public async Task Invoke(IDictionary<string, object> env) =>
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes(nameof(AspNetCore)));
}
