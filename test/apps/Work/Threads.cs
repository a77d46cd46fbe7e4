namespace Acme;

public static class Threads
{
    static readonly SemaphoreSlim gate = new(0);
    static int inside;
    static int most;

    public static string Name() => Thread.CurrentThread.Name ?? "";

    /// <summary>The names of the threads before and after an await.</summary>
    public static async Task<string[]> NamesAround()
    {
        var before = Name();
        await Task.Delay(1);
        return [before, Name()];
    }

    /// <summary>The niceness of the thread.</summary>
    public static int Niceness()
    {
        // Linux numbers threads and processes alike.
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16]);
    }

    /// <summary>Blocks its thread until it is let go.</summary>
    public static void Block() => gate.Wait();

    public static void LetGo(int count) => gate.Release(count);

    /// <summary>Blocks whatever becomes of the call.</summary>
    public static void BlockForEver(CancellationToken cancellation) => Thread.Sleep(Timeout.Infinite);

    /// <summary>Blocks who cancels the calls of this assembly.</summary>
    public static void BlockCancellation(CancellationToken cancellation) =>
        cancellation.Register(() => Thread.Sleep(Timeout.Infinite));

    /// <summary>Blocks behind an await, whatever becomes of the call.</summary>
    public static async Task BlockForEverLater(Func<Task> tell, CancellationToken cancellation)
    {
        await Task.Delay(1, CancellationToken.None);
        _ = tell();
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>Blocks behind an await that comes back when the call has been aborted for long.</summary>
    public static async Task BlockForEverAfterAbort(Func<Task> told, CancellationToken cancellation)
    {
        await told();
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>Blocks a thread with what goes on on another one.</summary>
    public static int BlockOnTask() => Later().Result;

    static async Task<int> Later()
    {
        await Task.Delay(1);
        return 1;
    }

    public static async Task<int> Enter()
    {
        lock (gate)
            most = Math.Max(most, ++inside);
        await Task.Delay(5);
        lock (gate)
            inside--;
        return most;
    }

    public static int Burn(int milliseconds)
    {
        var end = Environment.TickCount64 + milliseconds;
        int turns = 0;
        while (Environment.TickCount64 < end)
            turns++;
        return turns;
    }
}
