using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Runtime.Loader;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// What the process has one of: the runtime and its settings, threads, children.
public sealed partial class Startup
{
    static readonly AsyncLocal<string?> Local = new();
    static int together;

    static Dictionary<string, AppFunc> Runtime =>
        new()
        {
            ["/settings"] = ShowSettings,
            ["/garbage"] = MakeGarbage,
            ["/hoard"] = Hoard,
            ["/jitted"] = env => env.Answer($"{JitInfo.GetCompiledMethodCount()}"),
            ["/block"] = Block,
            ["/foreground"] = StartForegroundThread,
            ["/child"] = RunChild,
            ["/null-reference"] = ReadNull,
            ["/console"] = UseConsole,
            ["/async-local"] = UseAsyncLocal,
            ["/domain/give"] = GiveToDomain,
            ["/domain/take"] = TakeFromDomain,
            ["/next-together"] = GoOnTogether,
            ["/domain/watch"] = WatchForDomain,
            ["/contexts"] = env => env.Answer($"{AssemblyLoadContext.All.Count()}"),
            ["/loaded"] = env => env.Answer($"{CountLoaded(env.Query("name")!)}"),
            ["/heap"] = env => env.Answer($"{HeapBytes()}"),
        };

    /// Lines `name=value` of what the runtime was started with.
    static Task ShowSettings(IDictionary<string, object> env)
    {
        var collector = GC.GetConfigurationVariables();
        return env.Answer(
            $"""
            server={GCSettings.IsServerGC}
            concurrent={collector["ConcurrentGC"]}
            heapHardLimit={collector["GCHeapHardLimit"]}
            availableBytes={GC.GetGCMemoryInfo().TotalAvailableMemoryBytes}
            generationOf1MB={GC.GetGeneration(new byte[1 << 20])}
            generationOf3MB={GC.GetGeneration(new byte[3 << 20])}
            invariantOrder={string.Compare("ä", "z", CultureInfo.InvariantCulture, CompareOptions.None) > 0}
            baseDirectory={AppContext.BaseDirectory}
            """
        );
    }

    // What is free goes back to the system.
    // Of the process; a context that is unloaded counts for as long as something refers to it.
    static int CountLoaded(string name) =>
        AppDomain.CurrentDomain.GetAssemblies().Count(each => each.GetName().Name == name);

    static long HeapBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// Allocates `?n=` bytes and keeps nothing; answers how many collections that took.
    static Task MakeGarbage(IDictionary<string, object> env)
    {
        var before = GC.CollectionCount(0);
        for (var left = env.Number("n"); left > 0; left -= 8 * 1024)
            GC.KeepAlive(new byte[8 * 1024]);
        return env.Answer($"{GC.CollectionCount(0) - before}");
    }

    /// Allocates `?n=` bytes and keeps them until it answers.
    static Task Hoard(IDictionary<string, object> env)
    {
        var all = new List<byte[]>();
        for (var left = env.Number("n"); left > 0; left -= 64 * 1024)
            all.Add(new byte[64 * 1024]);
        return env.Answer($"{all.Count}");
    }

    /// Holds the thread the handler was called on for ever. Noted under "blocked".
    static Task Block(IDictionary<string, object> env)
    {
        Notes.Add("blocked", "");
        Thread.Sleep(Timeout.Infinite);
        return Task.CompletedTask;
    }

    /// Starts a foreground thread that never ends, which would keep a .NET process alive.
    static Task StartForegroundThread(IDictionary<string, object> env)
    {
        new Thread(() => Thread.Sleep(Timeout.Infinite)) { IsBackground = false }.Start();
        return env.Answer("started");
    }

    /// Runs `sh -c <?run=>` as a child of .NET's and answers its exit code.
    static async Task RunChild(IDictionary<string, object> env)
    {
        using var child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", env.Query("run")!]))!;
        await child.WaitForExitAsync(env.CallCancelled());
        await env.Answer($"{child.ExitCode}");
    }

    /// Answers what reading a field of null throws, which is a signal to begin with.
    static Task ReadNull(IDictionary<string, object> env)
    {
        try
        {
            return env.Answer($"{((string[])null!).Length}");
        }
        catch (Exception error)
        {
            return env.Answer($"{error.GetType()}");
        }
    }

    /// Listens to Ctrl+C by way of .NET's console, as many console programs do.
    static Task UseConsole(IDictionary<string, object> env)
    {
        Console.CancelKeyPress += (_, _) => { };
        return env.Answer("listening");
    }

    /// Answers what an earlier request left in an AsyncLocal on this one's flow, then leaves `?set=`, and again
    /// behind an await.
    static async Task UseAsyncLocal(IDictionary<string, object> env)
    {
        var found = Local.Value;
        Local.Value = env.Query("set");
        await Task.Yield();
        await env.Answer($"{found}");
        Local.Value = env.Query("set") + " after the answer";
    }

    /// Puts `?n=` tokens under `?id=` into a place that all apps of the process share; a static is its own app's.
    static Task GiveToDomain(IDictionary<string, object> env)
    {
        Domain(env.Query("id")!).Release((int)env.Number("n", 1));
        return env.Answer("given");
    }

    /// Takes `?n=` tokens from under `?id=`, waiting for them.
    static async Task TakeFromDomain(IDictionary<string, object> env)
    {
        var tokens = Domain(env.Query("id")!);
        for (var n = env.Number("n", 1); n > 0; n--)
            await tokens.WaitAsync(env.CallCancelled());
        await env.Answer("taken");
    }

    /// Goes on with `next` at the same moment as the others of `?of=` requests.
    static async Task GoOnTogether(IDictionary<string, object> env)
    {
        var all = (int)env.Number("of");
        var gate = Domain("together");
        if (Interlocked.Increment(ref together) % all == 0)
            gate.Release(all);
        await gate.WaitAsync();
        await ((AppFunc)env["node.Next"])(env);
    }

    /// Never ends. Gives a token under `?id=` when its call is cancelled, one under `<id>:closing` when its app closes.
    static async Task WatchForDomain(IDictionary<string, object> env)
    {
        var id = env.Query("id")!;
        ((CancellationToken)env["host.OnAppDisposing"]).Register(() => Domain($"{id}:closing").Release());
        env.CallCancelled().Register(() => Domain(id).Release());
        Domain($"{id}:waiting").Release();
        await new TaskCompletionSource().Task;
    }

    static SemaphoreSlim Domain(string id)
    {
        lock (typeof(AppDomain))
        {
            var all = AppDomain.CurrentDomain.GetData("kitchen") as ConcurrentDictionary<string, SemaphoreSlim>;
            AppDomain.CurrentDomain.SetData("kitchen", all ??= new());
            return all.GetOrAdd(id, static _ => new SemaphoreSlim(0));
        }
    }
}
