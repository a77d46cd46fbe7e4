using System.Reflection;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Which app the process says it is, as far as .NET asks for it: Assembly.GetEntryAssembly() and
/// AppContext.BaseDirectory. It is the app that has started last.
/// <para>Threads: any; Set under the start lock.</para>
/// </summary>
internal static class StartedAssembly
{
    static readonly Action<Assembly?>? SetEntryAssembly = typeof(Assembly)
        .GetMethod("SetEntryAssembly", [typeof(Assembly)])
        ?.CreateDelegate<Action<Assembly?>>();

    static readonly WeakReference<Assembly?> last = new(null);

    public static void Set(Assembly assembly, string folder)
    {
        last.SetTarget(assembly);
        SetEntryAssembly?.Invoke(assembly);
        AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", folder + Path.DirectorySeparatorChar);
    }

    /// <summary>An app that has ended is not kept in memory by its name.</summary>
    public static void Forget(Assembly assembly)
    {
        if (!last.TryGetTarget(out var current) || current != assembly)
            return;
        last.SetTarget(null);
        SetEntryAssembly?.Invoke(null);
    }
}
