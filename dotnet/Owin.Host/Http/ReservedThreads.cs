namespace Owin.Host.Http;

/// <summary>
/// Threads for what Node's thread waits for: never behind other work, however busy the thread pool is, and never
/// behind a callback that blocks. Made when they are needed, gone when they have been idle for a while.
/// </summary>
internal static class ReservedThreads
{
    const int IdleMilliseconds = 10_000;
    static readonly Queue<Action> Work = new();
    static int idle;

    /// <summary>Runs <paramref name="action" />, which must not throw, at once.</summary>
    public static void Queue(Action action)
    {
        lock (Work)
        {
            Work.Enqueue(action);
            if (Work.Count <= idle)
                Monitor.Pulse(Work);
            else
                new Thread(Run) { IsBackground = true, Name = "owin sending headers" }.UnsafeStart();
        }
    }

    static void Run()
    {
        while (Next() is { } action)
            action();
    }

    static Action? Next()
    {
        lock (Work)
        {
            idle++;
            try
            {
                while (Work.Count == 0)
                {
                    if (!Monitor.Wait(Work, IdleMilliseconds))
                        return Work.TryDequeue(out var late) ? late : null;
                }
                return Work.Dequeue();
            }
            finally
            {
                idle--;
            }
        }
    }
}
