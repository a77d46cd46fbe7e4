using System.Reflection;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Which app the process says it is, as far as .NET asks for it: Assembly.GetEntryAssembly() and
/// AppContext.BaseDirectory. It is the app that has started last, of those that run.
/// <para>Threads: any; Set under the start lock.</para>
/// </summary>
internal static class StartedAssembly
{
    const string BaseDirectory = "APP_CONTEXT_BASE_DIRECTORY";

    static readonly Action<Assembly?>? SetEntryAssembly = typeof(Assembly)
        .GetMethod("SetEntryAssembly", [typeof(Assembly)])
        ?.CreateDelegate<Action<Assembly?>>();

    static readonly object? baseDirectory = AppContext.GetData(BaseDirectory);
    static readonly List<(Assembly Assembly, string Folder)> running = [];

    public static void Set(Assembly assembly, string folder)
    {
        lock (running)
        {
            running.Add((assembly, folder));
            Tell();
        }
    }

    /// <summary>An app has ended, or not started. It is not kept in memory by its name.</summary>
    public static void Forget(Assembly assembly)
    {
        lock (running)
        {
            if (running.RemoveAll(each => each.Assembly == assembly) > 0)
                Tell();
        }
    }

    static void Tell()
    {
        var last = running.LastOrDefault();
        SetEntryAssembly?.Invoke(last.Assembly);
        AppContext.SetData(
            BaseDirectory,
            last.Folder is { } folder ? folder + Path.DirectorySeparatorChar : baseDirectory
        );
    }
}
