using System.Runtime.Loader;

namespace Owin.Host.Hosting;

/// <summary>
/// ASP.NET Core's framework where the runtime was started without it: somebody else has started it, or the framework
/// was installed since. Its assemblies are found in the folder it is installed in, and are common to all apps.
/// <para>Threads: any.</para>
/// </summary>
internal static class LateFramework
{
    const string Name = "Microsoft.AspNetCore.App";

    static readonly Lock gate = new();
    static volatile string? folder;

    /// <summary>Makes it found. False: no version is installed that fits the runtime.</summary>
    /// <param name="assembly">one that it must have</param>
    public static bool TryAdd(string assembly)
    {
        lock (gate)
        {
            if (folder != null)
                return true;
            if (FindFolder(assembly) is not { } found)
                return false;
            folder = found;
            AssemblyLoadContext.Default.Resolving += (context, name) =>
                PathOf(name.Name!) is { } path ? context.LoadFromAssemblyPath(path) : null;
            return true;
        }
    }

    /// <summary>Whether the assembly is one of the added framework.</summary>
    public static bool Contains(string assemblyName) => PathOf(assemblyName) != null;

    static string? PathOf(string assemblyName)
    {
        if (folder is not { } added)
            return null;
        var path = Path.Combine(added, assemblyName + ".dll");
        return File.Exists(path) ? path : null;
    }

    // <root>/shared/Microsoft.NETCore.App/<version> runs, as the host lists it; one major version belongs together.
    static string? FindFolder(string assembly)
    {
        var core = $"{AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")}"
            .Split(Path.PathSeparator)
            .FirstOrDefault(each => Path.GetFileName(each) == "System.Runtime.dll");
        if (core == null)
            return null;
        var versions = Path.GetFullPath(Path.Combine(core, "..", "..", "..", Name));
        if (!Directory.Exists(versions))
            return null;
        return Directory
            .GetDirectories(versions)
            .Where(each => File.Exists(Path.Combine(each, assembly + ".dll")))
            .Select(each => (Folder: each, Version: VersionOf(each)))
            .Where(each => each.Version?.Major == Environment.Version.Major)
            .OrderByDescending(each => each.Version)
            .Select(each => each.Folder)
            .FirstOrDefault();
    }

    static Version? VersionOf(string path) =>
        Version.TryParse(Path.GetFileName(path).Split('-')[0], out var version) ? version : null;
}
