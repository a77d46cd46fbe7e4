using System.Reflection;
using Owin.Host.Http;

namespace Owin.Host.Hosting;

/// <summary>The properties an app is started with; the host's own ones are seen in every request, too.</summary>
internal static class StartupProperties
{
    const string HostAddresses = "host.Addresses";
    const string ServerOnDispose = "server.OnDispose";

    /// <summary>What the caller gave, then the host's; the caller may rename the app and nothing else of the host's.</summary>
    public static Dictionary<string, object> Create(
        IReadOnlyDictionary<string, string> given,
        string appName,
        CancellationToken disposing
    )
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
            properties[name] = value;

        properties.TryAdd(OwinKeys.HostAppName, appName);
        properties[OwinKeys.OwinVersion] = "1.0";
        properties[OwinKeys.ServerCapabilities] = Capabilities();
        properties[OwinKeys.HostOnAppDisposing] = disposing;
        properties[ServerOnDispose] = disposing;
        properties[HostAddresses] = new List<IDictionary<string, object>>();
        return properties;
    }

    /// <summary>What the app's startup code gets: the same, and what is of use only then.</summary>
    public static Dictionary<string, object> ForStartup(
        IDictionary<string, object> properties,
        AppLoadContext context,
        Assembly assembly,
        StartupCallbacks callbacks,
        AppOutput output
    ) =>
        new(properties, StringComparer.Ordinal)
        {
            ["server.OnInit"] = new Action<Func<Task>>(callbacks.Add),
            ["server.LoggerFactory"] = TraceLogger.Factory(output),
            ["security.DataProtectionProvider"] = DataProtection.Provider((string)properties[OwinKeys.HostAppName]),
            ["host.ReferencedAssemblies"] = new ReferencedAssemblies(context, assembly),
        };

    /// <summary>Lets requests see what the app has set under <c>host.</c> while it started.</summary>
    public static void TakeOver(IDictionary<string, object> properties, IDictionary<string, object> startup)
    {
        foreach (var (name, value) in startup)
        {
            if (name.StartsWith("host.", StringComparison.Ordinal))
                properties[name] = value;
        }
    }

    // What the server can do, as the specifications of the extensions name it.
    static Dictionary<string, object> Capabilities() =>
        new(StringComparer.Ordinal)
        {
            ["opaque.Version"] = "1.0",
            ["websocket.Version"] = "1.0",
            ["sendfile.Version"] = "1.0",
            ["sendfile.Support"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["sendfile.Concurrency"] = "Overlapped",
            },
        };
}
