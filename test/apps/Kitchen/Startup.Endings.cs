using System.Collections.Concurrent;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// <summary>An exception of the app's own, with a cause.</summary>
public sealed class KitchenFireException(string message, Exception cause) : Exception(message, cause);

/// How a handler may end, other than well.
public sealed partial class Startup
{
    static readonly ConcurrentDictionary<string, IDictionary<string, object>> Kept = new();

    static Dictionary<string, AppFunc> Endings =>
        new()
        {
            ["/throw"] = _ => throw new InvalidOperationException("thrown by the app"),
            ["/fault"] = Fault,
            ["/throw-custom"] = ThrowCustom,
            ["/throw-aggregate"] = ThrowAggregate,
            ["/cancel"] = _ => Task.FromCanceled(new CancellationToken(canceled: true)),
            ["/null"] = _ => null!,
            ["/never"] = Never,
            ["/throw-after-write"] = ThrowAfterWrite,
            ["/cancel-after-write"] = CancelAfterWrite,
            ["/write-after-complete"] = WriteAfterComplete,
            ["/write-after-complete/now"] = WriteNow,
            ["/unhandled"] = Unhandled,
            ["/environment-exit"] = LeaveProcess,
        };

    static async Task Fault(IDictionary<string, object> env)
    {
        await Task.Yield();
        throw new InvalidOperationException("faulted after an await");
    }

    static async Task ThrowCustom(IDictionary<string, object> env)
    {
        await Task.Yield();
        try
        {
            Smoke();
        }
        catch (Exception cause)
        {
            throw new KitchenFireException("the kitchen is on fire", cause);
        }
    }

    static void Smoke()
    {
        try
        {
            throw new FormatException("the toast is black");
        }
        catch (Exception cause)
        {
            throw new TimeoutException("nobody looked after the toast", cause);
        }
    }

    static Task ThrowAggregate(IDictionary<string, object> env) =>
        throw new AggregateException(
            "two things at once",
            new KitchenFireException("the kitchen is on fire", new FormatException("the toast is black")),
            new InvalidOperationException("and the cook has left")
        );

    /// Never completes. `?write` starts the response first. Noted under "never" when it was called.
    static async Task Never(IDictionary<string, object> env)
    {
        if (env.Query("write") != null)
            await env.Send("begun");
        Notes.Add("never", env.Query("id") ?? "");
        await new TaskCompletionSource().Task;
    }

    static async Task ThrowAfterWrite(IDictionary<string, object> env)
    {
        await env.Send("begun");
        throw new InvalidOperationException("thrown after the response had started");
    }

    static async Task CancelAfterWrite(IDictionary<string, object> env)
    {
        await env.Send("begun");
        throw new OperationCanceledException("cancelled after the response had started");
    }

    /// Completes and keeps its streams under `?id=`, for /write-after-complete/now.
    static async Task WriteAfterComplete(IDictionary<string, object> env)
    {
        await env.Send("complete");
        Kept[env.Query("id") ?? ""] = env;
    }

    /// Answers with what writing to, flushing and reading from the streams kept under `?id=` throws. A late switch of
    /// the buffering throws nothing.
    static async Task WriteNow(IDictionary<string, object> env)
    {
        Kept.TryRemove(env.Query("id") ?? "", out var kept);
        ((Action)kept!["server.DisableResponseBuffering"])();
        var write = await Outcome(() => kept!.ResponseBody().WriteAsync("late"u8.ToArray(), 0, 4));
        var flush = await Outcome(() => kept!.ResponseBody().FlushAsync());
        var read = await Outcome(() => kept!.RequestBody().ReadAsync(new byte[1], 0, 1));
        await env.Answer($"write {write}\nflush {flush}\nread {read}");
    }

    static async Task<string> Outcome(Func<Task> action)
    {
        try
        {
            await action();
            return "none";
        }
        catch (Exception error)
        {
            return error.GetType().ToString();
        }
    }

    /// Throws where nothing catches it: `?on=` thread (the default), pool, or async-void. Answers first.
    static async Task Unhandled(IDictionary<string, object> env)
    {
        await env.Answer("about to throw");
        switch (env.Query("on"))
        {
            case "pool":
                ThreadPool.UnsafeQueueUserWorkItem(_ => ThrowUnhandled(), null);
                break;
            case "async-void":
                ThrowUnhandledAsyncVoid();
                break;
            default:
                new Thread(ThrowUnhandled).Start();
                break;
        }
    }

    /// Ends the process with `?code=`, after .NET's own ProcessExit.
    static Task LeaveProcess(IDictionary<string, object> env)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.Error.WriteLine("leaving .NET");
        Environment.Exit((int)env.Number("code"));
        return Task.CompletedTask;
    }

    static void ThrowUnhandled() => throw new InvalidOperationException("nobody catches this");

    static async void ThrowUnhandledAsyncVoid()
    {
        await Task.Yield();
        ThrowUnhandled();
    }
}
