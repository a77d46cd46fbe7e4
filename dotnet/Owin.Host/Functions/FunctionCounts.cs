namespace Owin.Host.Functions;

/// <summary>How many calls run, and how many have ended. Threads: any.</summary>
internal static class FunctionCounts
{
    static long begun;
    static long done;
    static long waiting;

    public static long Running => Interlocked.Read(ref begun) - Done;
    public static long Done => Interlocked.Read(ref done);

    /// <summary>How many wait for others of their function, of which so many run as its option allows.</summary>
    public static long Waiting => Interlocked.Read(ref waiting);

    public static void Wait() => Interlocked.Increment(ref waiting);

    public static void StopWaiting() => Interlocked.Decrement(ref waiting);

    public static void Begin() => Interlocked.Increment(ref begun);

    public static void End() => Interlocked.Increment(ref done);
}
