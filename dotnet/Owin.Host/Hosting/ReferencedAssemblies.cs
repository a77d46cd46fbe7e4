using System.Collections;
using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>
/// <c>host.ReferencedAssemblies</c>: the app and what it references of its own; those that cannot be loaded are left
/// out. Loaded when somebody looks.
/// </summary>
internal sealed class ReferencedAssemblies(AppLoadContext context, Assembly app) : IEnumerable<Assembly>
{
    public IEnumerator<Assembly> GetEnumerator()
    {
        yield return app;
        foreach (var name in app.GetReferencedAssemblies())
        {
            if (!SharedFramework.Contains(name.Name!) && TryLoad(name) is { } assembly)
                yield return assembly;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return context.LoadFromAssemblyName(name);
        }
        catch (Exception error) when (error is IOException or BadImageFormatException)
        {
            return null;
        }
    }
}
