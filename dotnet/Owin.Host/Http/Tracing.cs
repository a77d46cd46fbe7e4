using System.Diagnostics;

namespace Owin.Host.Http;

/// <summary>
/// An <see cref="Activity" /> for each request, where somebody listens: its parent is the span that was active in
/// JavaScript, or what the request's <c>traceparent</c> names.
/// <para>
/// Nothing of System.Diagnostics.DiagnosticSource is loaded here before somebody else has loaded it: a listener has.
/// </para>
/// </summary>
internal static class Tracing
{
    /// <summary>The name of the ActivitySource.</summary>
    public const string SourceName = "owin";
    const string Library = "System.Diagnostics.DiagnosticSource";

    static volatile bool mayListen = Array.Exists(AppDomain.CurrentDomain.GetAssemblies(), IsLibrary);

    static Tracing() =>
        AppDomain.CurrentDomain.AssemblyLoad += static (_, loaded) => mayListen |= IsLibrary(loaded.LoadedAssembly);

    /// <summary>Whether <see cref="Start" /> is worth a call.</summary>
    public static bool MayListen => mayListen;

    /// <summary>The request's Activity, which is the current one from now on; null: nobody listens.</summary>
    public static object? Start(Exchange exchange, IDictionary<string, object> env) =>
        Source.Value.HasListeners() ? Begin(exchange, env) : null;

    /// <summary>The request's handler has ended.</summary>
    public static void Stop(object started, IDictionary<string, object> env, bool failed)
    {
        var activity = (Activity)started;
        if (env.TryGetValue(OwinKeys.OwinResponseStatusCode, out var status))
            activity.SetTag("http.response.status_code", status);
        if (failed)
            activity.SetStatus(ActivityStatusCode.Error);
        activity.Dispose();
    }

    // Its type is seen only where the library is there.
    static class Source
    {
        public static readonly ActivitySource Value = new(SourceName);
    }

    static Activity? Begin(Exchange exchange, IDictionary<string, object> env)
    {
        var head = exchange.Head;
        var span = exchange.Values?.Trace;
        var parent = span?.Parent ?? Line(env, "traceparent");
        var state = span?.State ?? Line(env, "tracestate");
        ActivityContext.TryParse(parent, state, isRemote: span == null, out var context);
        var kind = span == null ? ActivityKind.Server : ActivityKind.Internal;
        var activity = Source.Value.StartActivity(head.Method, kind, context);
        activity?.SetTag("http.request.method", head.Method);
        activity?.SetTag("url.scheme", head.Scheme);
        activity?.SetTag("url.path", head.PathBase + head.Path);
        return activity;
    }

    static string? Line(IDictionary<string, object> env, string name) =>
        ((IDictionary<string, string[]>)env[OwinKeys.OwinRequestHeaders]).TryGetValue(name, out var lines)
            ? lines[0]
            : null;

    static bool IsLibrary(System.Reflection.Assembly assembly) => assembly.GetName().Name == Library;
}
