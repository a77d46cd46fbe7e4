using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// Work that gets in the way of others.
public sealed partial class Startup
{
    static readonly Lock CollectorGate = new();
    static Thread? collector;
    static volatile bool collecting;

    static Dictionary<string, AppFunc> Load => new() { ["/collect"] = Collect, ["/burn"] = Burn };

    /// `?on=1` starts a thread that collects garbage in a loop, `?on=0` ends it; answers when that has happened.
    static Task Collect(IDictionary<string, object> env)
    {
        lock (CollectorGate)
        {
            collecting = false;
            collector?.Join();
            collector = null;
            if (env.Number("on") == 1)
            {
                collecting = true;
                collector = new Thread(CollectInLoop) { IsBackground = true };
                collector.Start();
            }
        }
        return env.Answer(collecting ? "on" : "off");
    }

    static void CollectInLoop()
    {
        while (collecting)
            GC.Collect();
    }

    /// The number of ways to place `?n=` queens, on the thread the handler was called on; gives up when cancelled.
    static Task Burn(IDictionary<string, object> env)
    {
        var cancelled = env.CallCancelled();
        try
        {
            return env.Answer($"{Queens((1 << (int)env.Number("n", 8)) - 1, 0, 0, 0, cancelled)}");
        }
        catch (OperationCanceledException)
        {
            Notes.Add(env.Query("id") ?? "burn", "cancelled");
            throw;
        }
    }

    static long Queens(int all, int columns, int falling, int rising, CancellationToken cancelled)
    {
        if (columns == all)
            return 1;
        cancelled.ThrowIfCancellationRequested();
        var count = 0L;
        for (var free = all & ~(columns | falling | rising); free != 0; free &= free - 1)
        {
            var square = free & -free;
            count += Queens(all, columns | square, (falling | square) << 1, (rising | square) >> 1, cancelled);
        }
        return count;
    }
}
