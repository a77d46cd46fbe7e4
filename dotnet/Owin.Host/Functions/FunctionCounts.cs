namespace Owin.Host.Functions;

/// <summary>How many calls run, and how many have ended. Threads: any.</summary>
internal static class FunctionCounts
{
    static long begun;
    static long done;

    public static long Running => Interlocked.Read(ref begun) - Done;
    public static long Done => Interlocked.Read(ref done);

    public static void Begin() => Interlocked.Increment(ref begun);

    public static void End() => Interlocked.Increment(ref done);
}
