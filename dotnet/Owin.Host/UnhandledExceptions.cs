using Owin.Host.Http;

namespace Owin.Host;

/// <summary>
/// Exceptions that nothing caught on a CLR thread become Node's <c>uncaughtException</c>. From .NET 10 on the process
/// lives on for Node to decide; older runtimes end it, after the report.
/// </summary>
internal static class UnhandledExceptions
{
    public static void Report()
    {
#if NET10_0_OR_GREATER
        System.Runtime.ExceptionServices.ExceptionHandling.SetUnhandledExceptionHandler(Post);
#else
        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
        {
            if (e.ExceptionObject is Exception error)
                Post(error);
        };
#endif
    }

    /// <summary>True: JavaScript has been told, so the exception is handled.</summary>
    public static bool Post(Exception error)
    {
        try
        {
            var environment = Bridge.Primary();
            return environment != 0 && FrameWriter.Error(environment, ToJs.Unhandled, 0, 0, error);
        }
        catch
        {
            return false;
        }
    }
}
