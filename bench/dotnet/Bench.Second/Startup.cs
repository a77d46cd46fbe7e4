namespace Bench.Second;

/// <summary>Another small application, to see what one more assembly costs.</summary>
public class Startup
{
    private static readonly byte[] Hello = "<p>Hello, world from .NET!</p>"u8.ToArray();

    public async Task Invoke(IDictionary<string, object> env)
    {
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["text/html"];
        headers["Content-Length"] = ["30"];
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(Hello, 0, Hello.Length);
    }
}
