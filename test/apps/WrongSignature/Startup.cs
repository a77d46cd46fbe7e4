namespace WrongSignature;

/// Every way to miss the signature.
public class Startup
{
    public void Invoke(IDictionary<string, object> env) => env.Clear();

    public ValueTask Invoke(IDictionary<string, object> env, int answer) => new(Task.FromResult(answer));

    public Task Invoke(Dictionary<string, object> env) => Task.FromResult(env);

    public Task Invoke<T>(IDictionary<string, T> env) => Task.FromResult(env);

    internal Task Invoke(object env) => Task.FromResult(env);
}

/// A method of the right shape that cannot be called, as there is no way to create the object.
public class Unconstructible(string name)
{
    public Task Invoke(IDictionary<string, object> env) => Task.FromResult(name);
}

public abstract class Unfinished
{
    public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
}

public class Generic<T>
{
    public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
}
