using System.Diagnostics;

namespace Owin.Host.Hosting;

/// <summary>How much a message matters, in the words JavaScript's loggers use.</summary>
internal static class LogLevels
{
    /// <summary>No level: the text is a scope of the message that follows.</summary>
    public const string Scope = "scope";

    public const string Trace = "trace";
    public const string Debug = "debug";
    public const string Info = "info";
    public const string Warn = "warn";
    public const string Error = "error";
    public const string Fatal = "fatal";

    public static string Of(TraceEventType type) =>
        type switch
        {
            TraceEventType.Critical => Fatal,
            TraceEventType.Error => Error,
            TraceEventType.Warning => Warn,
            TraceEventType.Information => Info,
            _ => Debug,
        };
}
