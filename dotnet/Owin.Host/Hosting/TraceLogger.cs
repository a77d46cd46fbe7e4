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
/// <c>server.LoggerFactory</c>: loggers that write to host.TraceOutput what is at least information. A call without a
/// formatter asks only whether it would be written.
/// </summary>
internal static class TraceLogger
{
    public static readonly LoggerFactory Factory = Create;

    static Func<TraceEventType, int, object, Exception, Func<object, Exception, string>, bool> Create(string name) =>
        (level, id, state, error, formatter) =>
        {
            if (level > TraceEventType.Information)
                return false;
            if (formatter != null)
                TraceOutput.Instance.WriteLine($"{name} {level}: {id} : {formatter(state, error)}");
            return true;
        };
}
