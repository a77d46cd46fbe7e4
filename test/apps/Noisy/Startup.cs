using System.Diagnostics;
using System.Text;

namespace Noisy;

/// Writes in every way there is, by path; begins while it starts.
public sealed class Startup
{
    readonly TaskCompletionSource requested = new();

    public Startup()
    {
        Console.WriteLine("starting");
        _ = WriteLaterAsync();
    }

    public async Task Invoke(IDictionary<string, object> env)
    {
        var query = (string)env["owin.RequestQueryString"];
        switch ((string)env["owin.RequestPath"])
        {
            case "/write":
                Console.WriteLine($"out {query}");
                await Task.Yield();
                Console.Error.WriteLine($"error {query}");
                break;
            case "/pieces":
                Console.Write("a");
                Console.Write('b');
                Console.Write("{0}\n", 1);
                Console.WriteLine("two\nlines");
                Console.WriteLine();
                Console.Out.Write(['c', 'd']);
                Console.Out.WriteLine(new StringBuilder("ef"));
                Console.WriteLine(1.5);
                Console.Write("open");
                break;
            case "/trace":
                Trace.Write("tr");
                Trace.WriteLine("ace");
                Trace.WriteLine("with a category", "Jazz");
                Trace.TraceInformation("information {0}", 1);
                Trace.TraceWarning("warning");
                Trace.TraceError("error");
                break;
            case "/trace-output":
                await ((TextWriter)env["host.TraceOutput"]).WriteLineAsync("traced");
                break;
            case "/started":
                var thread = new Thread(() => Console.WriteLine($"thread {query}"));
                thread.Start();
                thread.Join();
                await Task.Run(() => Console.WriteLine($"task {query}"));
                using (var done = new SemaphoreSlim(0))
                using (new Timer(_ => Say($"timer {query}", done), null, 0, Timeout.Infinite))
                    await done.WaitAsync();
                break;
            case "/requested":
                requested.TrySetResult();
                break;
            case "/flood":
                var filler = new string('x', 90);
                for (int i = 0; i < 100_000; i++)
                    Console.WriteLine(filler);
                await File.WriteAllTextAsync(query, "");
                break;
            case "/closing":
                var closing = (CancellationToken)env["host.OnAppDisposing"];
                // The last one is called first.
                closing.Register(() => Console.Write("no line end"));
                closing.Register(() => Console.WriteLine("closing"));
                _ = Task.Run(async () =>
                {
                    closing.WaitHandle.WaitOne();
                    while (true)
                    {
                        Console.WriteLine("after the end");
                        await Task.Delay(20);
                    }
                });
                break;
        }
    }

    static void Say(string text, SemaphoreSlim done)
    {
        Console.WriteLine(text);
        done.Release();
    }

    async Task WriteLaterAsync()
    {
        await requested.Task.ConfigureAwait(false);
        Console.WriteLine("as a continuation of the start");
    }
}

/// Writes more than is kept, then does not start.
public sealed class Failing
{
    public Failing()
    {
        for (int i = 0; i < 2_000; i++)
            Console.WriteLine($"line {i}");
        Console.Error.WriteLine("no instrument");
        throw new InvalidOperationException("The band is not here.");
    }

    public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
}

/// Logs through the loggers that the server gives.
public static class Logging
{
    public static object Configuration(IDictionary<string, object> startup)
    {
        var log = (
            (Func<string, Func<TraceEventType, int, object?, Exception?, Func<object?, Exception?, string>?, bool>>)
                startup["server.LoggerFactory"]
        )("Acme.Band");
        log(TraceEventType.Verbose, 1, "tuning", null, (state, _) => $"{state}");
        try
        {
            throw new InvalidOperationException("snap");
        }
        catch (InvalidOperationException error)
        {
            log(TraceEventType.Critical, 2, null, error, (_, _) => "a string broke");
        }
        return new Func<IDictionary<string, object>, Task>(_ => Task.CompletedTask);
    }
}
