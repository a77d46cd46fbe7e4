namespace Bench;

/// <summary>
/// Collects garbage without a pause, on a thread of its own. It keeps a graph of objects alive
/// meanwhile, so that every collection has something to mark and stops the other threads for a while.
/// </summary>
public static class Collector
{
    private const int LiveObjects = 100_000;

    private static readonly Lock Gate = new();
    private static volatile bool on;
    private static Thread? thread;

    /// <param name="mode"><c>1</c> starts the thread, <c>0</c> ends it, <c>once</c> collects once.</param>
    public static void Set(string mode)
    {
        lock (Gate)
        {
            on = false;
            thread?.Join();
            thread = null;
            if (mode == "once")
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
            else if (mode == "1")
            {
                on = true;
                thread = new Thread(Run) { IsBackground = true, Name = "bench collector" };
                thread.Start();
            }
        }
    }

    private static void Run()
    {
        var live = new object?[LiveObjects];
        for (var i = 0; i < live.Length; i++)
        {
            live[i] = new object?[] { i == 0 ? null : live[i / 2] };
        }

        while (on)
        {
            GC.Collect();
        }

        GC.KeepAlive(live);
    }
}
