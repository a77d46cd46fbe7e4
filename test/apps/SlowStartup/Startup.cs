namespace SlowStartup;

/// Takes half a second to start, and says when it begins.
public sealed class Startup
{
    public Startup()
    {
        Console.WriteLine("""{"startup":"slow"}""");
        Thread.Sleep(500);
    }

    public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
}
