using System.Diagnostics;
using LoggerFactory = System.Func<
    string,
    System.Func<
        System.Diagnostics.TraceEventType,
        int,
        object,
        System.Exception,
        System.Func<object, System.Exception, string>,
        bool
    >
>;

namespace Owin.Host.Hosting;

/// <summary>
/// <c>server.LoggerFactory</c>: loggers that write to the app's log, or without one to host.TraceOutput what is at least
/// information. A call without a formatter asks only whether it would be written.
/// </summary>
internal static class TraceLogger
{
    public static LoggerFactory Factory(AppOutput output) =>
        name =>
            (level, id, state, error, formatter) =>
            {
                if (level > TraceEventType.Information && !output.HasLog)
                    return false;
                if (formatter == null)
                    return true;
                var message = formatter(state, error);
                if (!output.Log(LogLevels.Of(level), name, message, error))
                    TraceOutput.Instance.WriteLine($"{name} {level}: {id} : {message}");
                return true;
            };
}
