namespace NoStartup;

/// Nothing here is called Startup; Run would fit if it were named.
public class Program
{
    public static Task Run(IDictionary<string, object> env) => Task.CompletedTask;
}
