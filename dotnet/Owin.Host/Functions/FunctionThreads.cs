namespace Owin.Host.Functions;

/// <summary>
/// Threads for work that keeps a processor busy: functions, and handlers that are <c>cpuBound</c>. They are not the
/// thread pool's, and their priority is lower, so requests are answered meanwhile. Made when they are needed, up to
/// <see cref="Size" />; gone when they have been idle for a while.
/// <para>Threads: any. <c>gate</c> is held for as long as a queue takes an item.</para>
/// <para>
/// Invariant: where work waits and a thread can take it, one is on its way (<c>coming</c>), and only one: it sends for
/// the next when it has come, so short pieces of work do not wake every thread.
/// </para>
/// </summary>
internal static class FunctionThreads
{
    const int IdleMilliseconds = 20_000;

    static readonly object gate = new();
    static readonly Queue<IThreadPoolWorkItem>[] waiting = [new(), new(), new(), new()];
    static int queued;
    static int threads;
    static int idle;
    static bool coming;

    /// <summary>How many threads there are at most.</summary>
    public static int Size { get; } = Setting("Owin.Functions.Threads", Environment.ProcessorCount);

    /// <summary>How many pieces of work may wait.</summary>
    public static int QueueLimit { get; } = Setting("Owin.Functions.QueueLimit", 100_000);

    /// <summary>How many pieces of work wait.</summary>
    public static int Queued => Volatile.Read(ref queued);

    /// <summary>Queues work, which must not throw. False: so much waits that it is refused.</summary>
    public static bool TryQueue(IThreadPoolWorkItem work, WorkPriority priority)
    {
        if (Queued >= QueueLimit)
            return false;
        Queue(work, priority);
        return true;
    }

    /// <summary>Queues work that has been accepted before.</summary>
    public static void Queue(IThreadPoolWorkItem work, WorkPriority priority)
    {
        lock (gate)
        {
            waiting[(int)priority].Enqueue(work);
            queued++;
            SendForThread();
        }
    }

    static void SendForThread()
    {
        if (coming || queued == 0)
            return;
        if (idle > 0)
        {
            coming = true;
            Monitor.Pulse(gate);
        }
        else if (threads < Size)
        {
            coming = true;
            threads++;
            new Thread(Run) { IsBackground = true, Name = "owin function" }.UnsafeStart();
        }
    }

    static void Run()
    {
        Bridge.LowerPriority();
        SynchronizationContext.SetSynchronizationContext(FunctionContext.Instance);
        var context = ExecutionContext.Capture()!;
        lock (gate)
            coming = false;
        while (Next() is { } work)
        {
            work.Execute();
            // What it has left in AsyncLocals and the like is not for the next one.
            if (ExecutionContext.Capture() != context)
                ExecutionContext.Restore(context);
            if (SynchronizationContext.Current != FunctionContext.Instance)
                SynchronizationContext.SetSynchronizationContext(FunctionContext.Instance);
        }
    }

    // Null: the thread has been idle for long enough to end.
    static IThreadPoolWorkItem? Next()
    {
        lock (gate)
        {
            while (queued == 0)
            {
                idle++;
                bool woken = Monitor.Wait(gate, IdleMilliseconds);
                idle--;
                // Also after a wake that came as the wait ended by itself.
                coming = false;
                if (!woken && queued == 0)
                {
                    threads--;
                    return null;
                }
            }
            queued--;
            SendForThread();
            foreach (var queue in waiting)
            {
                if (queue.TryDequeue(out var work))
                    return work;
            }
            throw new InvalidOperationException("Work was counted and is not there.");
        }
    }

    static int Setting(string name, int otherwise) =>
        AppContext.GetData(name) is string text && int.TryParse(text, out int value) ? value : otherwise;
}

/// <summary>Which work goes first.</summary>
internal enum WorkPriority
{
    /// <summary>What goes on behind an await: it holds memory, and others may wait for it.</summary>
    Continuation,
    High,
    Normal,
    Low,
}
