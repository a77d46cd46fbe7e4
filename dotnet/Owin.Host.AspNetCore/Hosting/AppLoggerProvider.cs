using Microsoft.Extensions.Logging;
using Owin.Host.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Gives what an app logs to the handler's option <c>log</c>, instead of the console. What is logged at all, the app's own
/// configuration says.
/// </summary>
[ProviderAlias("Node")]
internal sealed class AppLoggerProvider(AppOutput output) : ILoggerProvider, ISupportExternalScope
{
    IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) => new AppLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose() { }

    sealed class AppLogger(AppLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var texts = new List<string>();
            provider.scopes.ForEachScope(static (scope, texts) => texts.Add(Text(scope)), texts);
            provider.Write(logLevel, category, formatter(state, exception), exception, texts);
        }
    }

    void Write(LogLevel level, string category, string message, Exception? exception, List<string> texts) =>
        output.Log(
            level switch
            {
                LogLevel.Critical => LogLevels.Fatal,
                LogLevel.Error => LogLevels.Error,
                LogLevel.Warning => LogLevels.Warn,
                LogLevel.Information => LogLevels.Info,
                LogLevel.Debug => LogLevels.Debug,
                _ => LogLevels.Trace,
            },
            category,
            message,
            exception,
            texts
        );

    // A dictionary does not say what is in it; what is formatted from a template does.
    static string Text(object? scope)
    {
        var text = scope?.ToString() ?? "";
        return scope is IEnumerable<KeyValuePair<string, object?>> pairs && text == scope.GetType().ToString()
            ? string.Join(", ", pairs.Select(pair => $"{pair.Key}: {pair.Value}"))
            : text;
    }
}
