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
/// <para>
/// Beyond <see cref="Size" /> there are threads only in the place of those that an aborted call does not give back, and
/// where what follows an await has waited for long: whoever blocks all threads may be waiting for just that.
/// </para>
/// </summary>
internal static class FunctionThreads
{
    const int IdleMilliseconds = 20_000;
    const int ReliefMilliseconds = 500;
    const int ReliefThreads = 256;

    static readonly object gate = new();
    static readonly Queue<IThreadPoolWorkItem>[] waiting = [new(), new(), new(), new()];
    static readonly List<Seat> seats = [];
    static int queued;
    static int threads;
    static int idle;
    static bool coming;

    // Threads that run a call nobody waits for any more.
    static int lost;

    // Threads beyond those, for what follows an await.
    static int relieving;
    static Timer? relief;
    static bool reliefDue;
    static int continuations;
    static int continuationsBefore;

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

    /// <summary>What is said where <see cref="TryQueue" /> refuses.</summary>
    public static OwinException Full() =>
        new(ErrorCodes.FunctionQueueFull, $"{QueueLimit} calls wait already, which is the limit.");

    /// <summary>Queues work that has been accepted before.</summary>
    public static void Queue(IThreadPoolWorkItem work, WorkPriority priority)
    {
        lock (gate)
        {
            waiting[(int)priority].Enqueue(work);
            queued++;
            SendForThread();
            if (priority == WorkPriority.Continuation && idle == 0)
                WatchContinuations();
        }
    }

    /// <summary>A call that was aborted keeps its thread: another one takes the thread's place.</summary>
    public static void GiveUpThread()
    {
        lock (gate)
        {
            lost++;
            SendForThread();
        }
    }

    /// <summary>The call has given its thread back after all.</summary>
    public static void TakeBackThread()
    {
        lock (gate)
            lost--;
    }

    /// <summary>What is on the threads just now.</summary>
    public static IThreadPoolWorkItem?[] Current()
    {
        lock (gate)
            return [.. seats.Select(each => each.Work)];
    }

    static void WatchContinuations()
    {
        if (reliefDue)
            return;
        reliefDue = true;
        continuationsBefore = continuations;
        relief ??= new Timer(static _ => Relieve());
        relief.Change(ReliefMilliseconds, Timeout.Infinite);
    }

    // None of them was taken meanwhile.
    static void Relieve()
    {
        lock (gate)
        {
            reliefDue = false;
            if (waiting[(int)WorkPriority.Continuation].Count == 0)
                return;
            if (continuations == continuationsBefore && relieving < ReliefThreads)
            {
                relieving++;
                SendForThread();
            }
            WatchContinuations();
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
        else if (threads < Size + lost + relieving)
        {
            coming = true;
            threads++;
            new Thread(Run) { IsBackground = true, Name = "owin function" }.UnsafeStart();
        }
    }

    static void Run()
    {
        Bridge.LowerPriority();
        SynchronizationContext.SetSynchronizationContext(FunctionContext.None);
        var context = ExecutionContext.Capture()!;
        var seat = new Seat();
        lock (gate)
        {
            coming = false;
            seats.Add(seat);
        }
        while (Next(seat) is { } work)
        {
            seat.Work = work;
            work.Execute();
            seat.Work = null;
            // What it has left in AsyncLocals and the like is not for the next one.
            if (ExecutionContext.Capture() != context)
                ExecutionContext.Restore(context);
            if (SynchronizationContext.Current != FunctionContext.None)
                SynchronizationContext.SetSynchronizationContext(FunctionContext.None);
        }
    }

    // Null: the thread has been idle for long enough to end.
    static IThreadPoolWorkItem? Next(Seat seat)
    {
        lock (gate)
        {
            if (IsSurplus())
            {
                seats.Remove(seat);
                return null;
            }
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
                    seats.Remove(seat);
                    return null;
                }
            }
            queued--;
            SendForThread();
            if (waiting[(int)WorkPriority.Continuation].TryDequeue(out var work))
            {
                continuations++;
                return work;
            }
            foreach (var queue in waiting)
            {
                if (queue.TryDequeue(out work))
                    return work;
            }
            throw new InvalidOperationException("Work was counted and is not there.");
        }
    }

    // What a thread runs.
    sealed class Seat
    {
        public volatile IThreadPoolWorkItem? Work;
    }

    static bool IsSurplus()
    {
        if (threads <= Size + lost || waiting[(int)WorkPriority.Continuation].Count > 0)
            return false;
        threads--;
        relieving = Math.Max(0, relieving - 1);
        return true;
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
