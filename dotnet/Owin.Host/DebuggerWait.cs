using System.Diagnostics;
using System.Text;

namespace Owin.Host;

/// <summary>
/// <c>owin.runtime.start({ waitForDebugger: true })</c>: code of apps runs only once a managed debugger is attached.
/// <para>Threads: any of the pool. Nothing tells of a debugger that attaches, so whoever waits looks.</para>
/// </summary>
internal static class DebuggerWait
{
    const int IntervalMs = 100;

    // A runtime property that src/hosting/runtime.ts sets.
    static readonly bool Wanted = AppContext.TryGetSwitch("Owin.WaitForDebugger", out var wanted) && wanted;
    static volatile bool over;
    static int told;

    /// <summary>Returns at once where the option is not set, and after the first debugger was there.</summary>
    public static void Wait()
    {
        if (!Wanted || over)
            return;
        while (!Debugger.IsAttached)
        {
            if (Interlocked.Exchange(ref told, 1) == 0)
                Tell();
            Thread.Sleep(IntervalMs);
        }
        over = true;
    }

    // Not Console.Error, which sets up a terminal that is Node's.
    static void Tell()
    {
        using var stream = Console.OpenStandardError();
        var text = $"owin: waiting for a .NET debugger to attach to process {Environment.ProcessId}\n";
        stream.Write(Encoding.ASCII.GetBytes(text));
    }
}
