namespace ThrowingConstructor;

public class Startup
{
    public Startup() => throw new InvalidOperationException("the constructor says no");

    public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
}
