/// <summary>Says which process has answered.</summary>
public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        await using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync($"{env["owin.RequestPathBase"]} is in process {Environment.ProcessId}\n");
    }
}
