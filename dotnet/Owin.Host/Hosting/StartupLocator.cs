using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>
/// Finds where an app begins. The type: the one asked for, else <c>AssemblyName.Startup</c>, else the only type
/// named <c>Startup</c>. The method: the one asked for, else the name that a <see cref="StartupSignature" />
/// stands for. Nothing here is on the way of a successful start that is not needed for it: no pass over all
/// types where the first guess is right.
/// </summary>
internal static class StartupLocator
{
    const string TypeName = "Startup";

    const BindingFlags AnyMethod =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.FlattenHierarchy;

    public static StartupMethod Find(Assembly assembly, AppOptions options)
    {
        var type = options.Type != null ? FindNamedType(assembly, options.Type) : FindConventionalType(assembly);
        foreach (var signature in StartupSignature.All)
        {
            foreach (MethodInfo method in MethodsNamed(type, options.Method ?? signature.MethodName))
            {
                if (WhyNot(type, method, signature) == null)
                    return new StartupMethod(type, method, signature);
            }
        }
        throw StartupErrors.NoMethod(type, options.Method, assembly);
    }

    public static MemberInfo[] MethodsNamed(Type type, string name) =>
        type.GetMember(name, MemberTypes.Method, AnyMethod);

    public static string? WhyNot(Type type, MethodInfo method, StartupSignature signature) =>
        StartupMethod.WhyNotCallable(type, method) ?? signature.WhyNot(method);

    static Type FindNamedType(Assembly assembly, string name)
    {
        try
        {
            return assembly.GetType(name, throwOnError: true)!;
        }
        catch (Exception error) when (error is TypeLoadException or ArgumentException)
        {
            throw StartupErrors.NoNamedType(name, assembly, error);
        }
    }

    static Type FindConventionalType(Assembly assembly)
    {
        var conventional = $"{assembly.GetName().Name}.{TypeName}";
        if (assembly.GetType(conventional) is { } type)
            return type;

        var found = new List<Type>(1);
        var types = LoadableTypes(assembly, out var failure);
        foreach (var candidate in types)
        {
            if (candidate.Name == TypeName && !candidate.IsNested)
                found.Add(candidate);
        }
        return found switch
        {
            [var only] => only,
            [] when failure != null => throw failure,
            [] => throw StartupErrors.NoConventionalType(conventional, assembly),
            _ => throw StartupErrors.Conflict(found, assembly),
        };
    }

    /// <summary>The assembly's types; where some cannot be loaded, the others and the reason.</summary>
    public static IEnumerable<Type> LoadableTypes(Assembly assembly, out Exception? failure)
    {
        try
        {
            failure = null;
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException error)
        {
            failure = error.LoaderExceptions[0] ?? error;
            return error.Types.Where(type => type != null)!;
        }
    }
}
