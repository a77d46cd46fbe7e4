using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Owin.Host.Sql;

/// <summary>Where a provider's assemblies come from: its .deps.json or its folder, else what runs already.</summary>
internal sealed class ProviderContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    static readonly ConcurrentDictionary<string, ProviderContext> contexts = new();
    readonly AssemblyDependencyResolver resolver = new(path);

    public static ProviderContext For(string path) => contexts.GetOrAdd(path, static each => new(each));

    protected override Assembly? Load(AssemblyName name) =>
        resolver.ResolveAssemblyToPath(name) is { } found ? LoadFromAssemblyPath(found) : null;

    protected override nint LoadUnmanagedDll(string name) =>
        resolver.ResolveUnmanagedDllToPath(name) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
