namespace Owin.Host.Hosting;

/// <summary>
/// <c>server.OnInit</c>: what the app wants done before its first request.
/// <para>Threads: any may register, until they are run.</para>
/// </summary>
internal sealed class StartupCallbacks
{
    readonly Lock gate = new();
    List<Func<Task>>? callbacks = [];

    public void Add(Func<Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (gate)
        {
            if (callbacks == null)
                throw new InvalidOperationException("The app has started: server.OnInit takes no more callbacks.");
            callbacks.Add(callback);
        }
    }

    /// <summary>Starts all and waits for all; what they throw comes as it is, several as one AggregateException.</summary>
    public void Run()
    {
        List<Func<Task>> started;
        lock (gate)
        {
            started = callbacks ?? [];
            callbacks = null;
        }
        if (started.Count == 0)
            return;
        var all = Task.WhenAll(started.Select(Start));
        try
        {
            all.GetAwaiter().GetResult();
        }
        catch when (all.Exception is { InnerExceptions.Count: > 1 } several)
        {
            throw several;
        }
    }

    static Task Start(Func<Task> callback)
    {
        try
        {
            return callback();
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }
}
