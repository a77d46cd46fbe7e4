/// <summary>Counts its visits. A class per file, no project: `owin('Startup.cs')` compiles it.</summary>
public class Startup
{
    int visits;

    public async Task Invoke(IDictionary<string, object> env)
    {
        await using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync($"Visit {Interlocked.Increment(ref visits)}. Change this line and ask again.\n");
    }
}
