using System.Reflection;
using System.Runtime.Loader;

namespace Owin.Host.Hosting;

/// <summary>
/// Keeps one app's assemblies apart from every other app's. Where an assembly comes from, first match wins:
/// <list type="number">
/// <item>the bridge itself: never a second copy, its types would be others</item>
/// <item>a <see cref="Facades">facade</see> of .NET Framework's: a copy of its own</item>
/// <item>the shared framework, unless the app asks for a newer version than runs</item>
/// <item>the app's deps.json, native libraries of this platform included</item>
/// <item>a file of that name beside the app</item>
/// </list>
/// <para>
/// An unloadable app's files are not kept open and may be replaced while it runs: its assemblies are loaded from
/// streams, with their symbols. Where the app asks for <see cref="Assembly.Location" />, which those do not have, it
/// runs from a copy of its folder.
/// </para>
/// <para>Threads: any; the runtime calls Load from whichever thread needs an assembly.</para>
/// </summary>
internal sealed class AppLoadContext : AssemblyLoadContext
{
    const string BridgeName = "Owin.Host";
    static readonly Assembly Bridge = typeof(AppLoadContext).Assembly;

    readonly DateTime created = DateTime.UtcNow;
    readonly DateTime written;
    readonly ShadowCopy? copy;

    // Where its files are loaded from.
    readonly string folder;

    // Reading deps.json takes longer than starting an app that needs nothing of it.
    readonly Lazy<AssemblyDependencyResolver> resolver;

    public AppLoadContext(string source, bool isCollectible)
        : base(Path.GetFileNameWithoutExtension(source), isCollectible)
    {
        Source = source;
        written = File.GetLastWriteTimeUtc(source);
        Folder = Path.GetDirectoryName(source)!;
        bool fromStreams = isCollectible || LoadedImages.IsReplaced(source);
        copy = fromStreams && ShadowCopy.IsNeeded(source) ? new ShadowCopy(Folder) : null;
        folder = copy?.Folder ?? Folder;
        resolver = new(() => new AssemblyDependencyResolver(Path.Combine(folder, Path.GetFileName(source))));
        Resolving += (_, name) => LoadOwn(name);
    }

    /// <summary>Absolute path of the app's assembly.</summary>
    public string Source { get; }

    /// <summary>No file that it has loaded has been written since, and it can serve another app.</summary>
    public bool IsUpToDate =>
        copy == null
        && File.GetLastWriteTimeUtc(Source) == written
        && Assemblies.All(each => each.Location == "" || File.GetLastWriteTimeUtc(each.Location) <= created);

    /// <summary>The folder of the app.</summary>
    public string Folder { get; }

    public Assembly LoadApp() => LoadFile(Path.Combine(folder, Path.GetFileName(Source)));

    /// <summary>Lets go of what it holds; an unloadable context unloads when nothing refers to it any more.</summary>
    public void Release()
    {
        if (IsCollectible)
            Unload();
        copy?.Delete();
    }

    Assembly LoadFile(string path)
    {
        // No other app loads the paths of a copy.
        if (copy != null)
            return LoadFromAssemblyPath(path);
        if (!IsCollectible && !LoadedImages.IsReplaced(path))
        {
            LoadedImages.Add(path);
            return LoadFromAssemblyPath(path);
        }
        using var assembly = new MemoryStream(File.ReadAllBytes(path));
        var symbols = Path.ChangeExtension(path, ".pdb");
        if (!File.Exists(symbols))
            return LoadFromStream(assembly);
        using var pdb = new MemoryStream(File.ReadAllBytes(symbols));
        return LoadFromStream(assembly, pdb);
    }

    // Null sends the runtime to the default context, which has the framework; where that has an older version
    // than the app asks for, Resolving is raised.
    protected override Assembly? Load(AssemblyName name)
    {
        if (name.Name == BridgeName)
            return Bridge;
        if (name.Name == AspNetCoreKind.AssemblyName)
            return AspNetCoreKind.Bridge;
        if (Facades.Find(name.Name!) is { } facade)
            return LoadFromAssemblyPath(facade);
        return SharedFramework.Contains(name.Name!) ? null : LoadOwn(name);
    }

    protected override nint LoadUnmanagedDll(string name)
    {
        return (resolver.Value.ResolveUnmanagedDllToPath(name) ?? FindNativeBeside(name)) is { } path
            ? LoadUnmanagedDllFromPath(path)
            : 0;
    }

    Assembly? LoadOwn(AssemblyName name) =>
        (resolver.Value.ResolveAssemblyToPath(name) ?? FindBeside(name)) is { } path ? LoadFile(path) : null;

    string? FindBeside(AssemblyName name)
    {
        var path = Path.Combine(folder, name.CultureName ?? "", name.Name + ".dll");
        return File.Exists(path) ? path : null;
    }

    string? FindNativeBeside(string name)
    {
        var extension =
            OperatingSystem.IsWindows() ? ".dll"
            : OperatingSystem.IsMacOS() ? ".dylib"
            : ".so";
        foreach (var file in (ReadOnlySpan<string>)[name, name + extension, "lib" + name + extension, "lib" + name])
        {
            var path = Path.Combine(folder, file);
            if (File.Exists(path))
                return path;
        }
        return null;
    }
}
