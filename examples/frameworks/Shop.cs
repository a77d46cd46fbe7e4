/// <summary>Answers `/orders` with what was sent, and leaves everything else to JavaScript.</summary>
public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        if ((string)env["owin.RequestPath"] != "/orders")
        {
            if (env.TryGetValue("node.Next", out var next))
                await ((Func<IDictionary<string, object>, Task>)next)(env);
            else
                env["owin.ResponseStatusCode"] = 404;
            return;
        }
        using var reader = new StreamReader((Stream)env["owin.RequestBody"]);
        var order = await reader.ReadToEndAsync();
        await using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync($"{env["owin.RequestMethod"]} below {env["owin.RequestPathBase"]}: {order}\n");
    }
}
