namespace Owin.Host.Http;

/// <summary>
/// The JavaScript environments that are open, by the number native code gives them. Threads: any; only the pump adds and
/// removes.
/// </summary>
internal static class JsEnvironments
{
    static readonly Dictionary<ulong, JsEnvironment> open = [];

    // The one asked for last on this thread: nearly always the one that is asked for again.
    [ThreadStatic]
    static JsEnvironment? last;

    /// <summary>The environment of that number, made when it is first heard of.</summary>
    public static JsEnvironment Get(ulong id)
    {
        if (last?.Id == id)
            return last;
        lock (open)
        {
            if (!open.TryGetValue(id, out var environment))
                open.Add(id, environment = new JsEnvironment(id));
            return last = environment;
        }
    }

    public static void Remove(JsEnvironment environment)
    {
        lock (open)
            open.Remove(environment.Id);
    }
}
