namespace OwinHelloWorld;

public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        env["owin.ResponseStatusCode"] = 200;
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["text/html"];
        await using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync($"Hello from C#. Time on the server is {DateTime.Now}.");
    }

    public Task Fail(IDictionary<string, object> env)
    {
        var path = (string)env["owin.RequestPath"];
        throw new InvalidOperationException($"Nobody plays {path} here.");
    }
}
