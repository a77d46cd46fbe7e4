namespace Owin.Host.Functions;

/// <summary>The commands about functions.</summary>
internal static class FunctionCommands
{
    /// <summary>Fields: function, assembly, name, concurrency, priority.</summary>
    public static IReadOnlyList<string> Bind(FunctionTable table, string[] fields)
    {
        DebuggerWait.Wait();
        var function = table.Bind(
            int.Parse(fields[1]),
            fields[2],
            fields[3],
            int.Parse(fields[4]),
            (WorkPriority)int.Parse(fields[5])
        );
        return function.Describe();
    }

    public static IReadOnlyList<string> Stats() =>
        [
            "functionsQueued",
            FunctionThreads.Queued.ToString(),
            "functionsRunning",
            FunctionCounts.Running.ToString(),
            "functionsDone",
            FunctionCounts.Done.ToString(),
        ];
}
