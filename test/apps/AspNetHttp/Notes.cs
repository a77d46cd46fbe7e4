using System.Collections.Concurrent;

namespace AspNetHttp;

/// <summary>What happened where no response can tell of it. A test asks by topic, and waits for so many.</summary>
static class Notes
{
    static readonly ConcurrentDictionary<string, List<string>> ByTopic = [];
    static TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static void Add(HttpContext context, string note) => Add(context.Request.Query["topic"].ToString(), note);

    public static void Add(string topic, string note)
    {
        var list = ByTopic.GetOrAdd(topic, static _ => []);
        lock (list)
            list.Add(note);
        Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public static async Task<string> Answer(string of, int atLeast = 1)
    {
        var list = ByTopic.GetOrAdd(of, static _ => []);
        while (true)
        {
            var next = Volatile.Read(ref changed).Task;
            lock (list)
            {
                if (list.Count >= atLeast)
                    return string.Join('\n', list);
            }
            await next;
        }
    }
}

/// <summary>Notes what the server logs as the error of an app, under the request's topic.</summary>
sealed class NotingLoggerProvider : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Notes.Add("log", $"{eventId.Name}: {exception?.GetType().Name}: {exception?.Message}");

    public void Dispose() { }
}
