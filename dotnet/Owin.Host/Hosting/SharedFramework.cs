using System.Reflection;
using System.Runtime.Loader;

namespace Owin.Host.Hosting;

/// <summary>The assemblies of the framework that runs, which all apps share.</summary>
internal static class SharedFramework
{
    // The host's own list, "/a/System.Runtime.dll:/a/…", searched as text: splitting it costs more than it saves.
    static readonly string TrustedAssemblies =
        (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "") + Path.PathSeparator;

    public static bool Contains(string assemblyName) =>
        TrustedAssemblies.Contains(
            $"{Path.DirectorySeparatorChar}{assemblyName}.dll{Path.PathSeparator}",
            StringComparison.OrdinalIgnoreCase
        );

    /// <summary>Loads without regard to the version asked for.</summary>
    public static Assembly Load(string assemblyName) =>
        AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(assemblyName));
}
