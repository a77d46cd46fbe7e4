using System.Diagnostics;
using System.Globalization;

namespace Owin.Host.Hosting;

/// <summary>
/// Listens to <see cref="Trace" />, and with it to Debug: what an app with a log writes there goes to it. What others
/// write is left to the other listeners.
/// </summary>
internal sealed class RoutedTrace : TraceListener
{
    const string Category = "trace";

    static int installed;

    public static void Install()
    {
        if (Interlocked.Exchange(ref installed, 1) == 0)
            Trace.Listeners.Add(new RoutedTrace());
    }

    public override bool IsThreadSafe => true;

    public override void Write(string? message) => AppOutput.Current?.Trace?.Append(message, endsLine: false);

    public override void WriteLine(string? message) => AppOutput.Current?.Trace?.Append(message, endsLine: true);

    public override void WriteLine(string? message, string? category) =>
        Log(LogLevels.Debug, message, null, category ?? Category);

    public override void Fail(string? message, string? detailMessage) =>
        Log(LogLevels.Error, string.IsNullOrEmpty(detailMessage) ? message : $"{message}\n{detailMessage}");

    public override void TraceEvent(
        TraceEventCache? eventCache,
        string source,
        TraceEventType eventType,
        int id,
        string? message
    ) => Log(LogLevels.Of(eventType), message);

    public override void TraceEvent(
        TraceEventCache? eventCache,
        string source,
        TraceEventType eventType,
        int id,
        string? format,
        params object?[]? args
    ) =>
        Log(
            LogLevels.Of(eventType),
            args == null ? format : string.Format(CultureInfo.InvariantCulture, format ?? "", args)
        );

    public override void TraceData(
        TraceEventCache? eventCache,
        string source,
        TraceEventType eventType,
        int id,
        object? data
    ) => Log(LogLevels.Of(eventType), data is Exception error ? error.Message : data?.ToString(), data as Exception);

    static void Log(string level, string? message, Exception? error = null, string category = Category) =>
        AppOutput.Current?.Log(level, category, message ?? "", error);
}
