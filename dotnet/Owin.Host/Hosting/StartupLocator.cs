using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>
/// Finds where an app begins. The type, first match wins:
/// <list type="number">
/// <item>the options type and method</item>
/// <item><c>owin:AppStartup</c>: a friendly name, or <c>Type[.Method][, Assembly]</c></item>
/// <item>an assembly attribute named OwinStartupAttribute without a friendly name</item>
/// <item>a type <c>AssemblyName.Startup</c>, else the only type named <c>Startup</c></item>
/// </list>
/// The method: the one asked for, else Configuration, else Invoke, in one of the shapes of
/// <see cref="StartupSignature" />. Other kinds of apps have other names and shapes: <see cref="StartupConvention" />.
/// Nothing here is on the way of a successful start that is not needed for it: no
/// pass over all types where the first guess is right.
/// </summary>
internal static class StartupLocator
{
    const BindingFlags AnyMethod =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.FlattenHierarchy;

    readonly record struct Choice(Type Type, string? Method, string ChosenBy);

    public static StartupMethod Find(AppLoadContext context, Assembly assembly, AppOptions options)
    {
        var convention = StartupConvention.Of(options.Kind);
        var choice = Choose(context, assembly, options, convention);
        var type = choice.Type;
        var wanted = options.Method ?? choice.Method;
        if (wanted == null && convention.AppItself(type) is var (called, shape))
            return new StartupMethod(type, called, shape, choice.ChosenBy);
        foreach (var name in wanted != null ? [wanted] : convention.Methods)
        {
            var methods = MethodsNamed(type, name);
            if (methods.Length == 0)
                continue;
            foreach (var signature in convention.Signatures)
            {
                if (options.Kind == AppKinds.Katana && signature.Kind != AppKinds.Katana)
                    continue;
                foreach (MethodInfo method in methods)
                {
                    if (StartupMethod.WhyNotCallable(type, method) == null && signature.Fits(method))
                        return new StartupMethod(type, method, signature, choice.ChosenBy);
                }
            }
        }
        throw StartupErrors.NoMethod(type, wanted, options.Kind, convention);
    }

    /// <summary>Whether there is anything at all that <see cref="Find" /> could begin with.</summary>
    public static bool MayFind(Assembly assembly, AppOptions options)
    {
        var convention = StartupConvention.Of(options.Kind);
        return StartupAttribute.Of(assembly).Length > 0
            || StartupSetting.Find(options) != null
            || LoadableTypes(assembly, out _).Any(type => !type.IsNested && convention.MayBegin(type));
    }

    public static MemberInfo[] MethodsNamed(Type type, string name) =>
        type.GetMember(name, MemberTypes.Method, AnyMethod);

    static Choice Choose(AppLoadContext context, Assembly assembly, AppOptions options, StartupConvention convention)
    {
        if (options.Type != null)
            return new(FindNamedType(assembly, options.Type, convention), null, "the option 'type'");
        var setting = StartupSetting.Find(options);
        var attributes = StartupAttribute.Of(assembly);
        if (StartupAttribute.Find(attributes, setting?.Value ?? "", assembly) is { } attribute)
        {
            var by = setting == null ? "OwinStartupAttribute" : $"OwinStartupAttribute, by {setting.GivenBy}";
            return new(attribute.StartupType, attribute.MethodName, by);
        }
        if (setting != null)
            return FindSetting(context, assembly, setting, convention, attributes);
        return FindConventionalType(assembly, convention, attributes);
    }

    static Type FindNamedType(Assembly assembly, string name, StartupConvention convention)
    {
        try
        {
            return assembly.GetType(name, throwOnError: true)!;
        }
        catch (Exception error) when (error is TypeLoadException or ArgumentException)
        {
            throw StartupErrors.NoNamedType(name, assembly, convention, error);
        }
    }

    // Type[.Method][, Assembly]
    static Choice FindSetting(
        AppLoadContext context,
        Assembly assembly,
        StartupSetting setting,
        StartupConvention convention,
        StartupAttribute[] attributes
    )
    {
        var value = setting.Value;
        var comma = value.IndexOf(',', StringComparison.Ordinal);
        var name = (comma < 0 ? value : value[..comma]).Trim();
        var home = comma < 0 ? assembly : FindAssembly(context, value[(comma + 1)..].Trim(), setting);
        if (home.GetType(name) is { } type)
            return new(type, null, setting.GivenBy);
        var dot = name.LastIndexOf('.');
        if (dot > 0 && home.GetType(name[..dot]) is { } owner)
            return new(owner, name[(dot + 1)..], setting.GivenBy);
        throw StartupErrors.NoSettingType(setting, name, home, convention, attributes);
    }

    static Assembly FindAssembly(AppLoadContext context, string name, StartupSetting setting)
    {
        try
        {
            return context.LoadFromAssemblyName(new AssemblyName(name));
        }
        catch (Exception error)
            when (error is FileNotFoundException or FileLoadException or ArgumentException or BadImageFormatException)
        {
            throw StartupErrors.NoSettingAssembly(setting, name, context, error);
        }
    }

    static Choice FindConventionalType(Assembly assembly, StartupConvention convention, StartupAttribute[] attributes)
    {
        foreach (var name in convention.Types)
        {
            var conventional = $"{assembly.GetName().Name}.{name}";
            if (assembly.GetType(conventional) is { } type)
                return new(type, null, $"the name {conventional}");
        }
        var types = LoadableTypes(assembly, out var failure);
        foreach (var name in convention.Types)
        {
            var found = types.Where(each => each.Name == name && !each.IsNested).ToList();
            if (found is [var only])
                return new(only, null, $"the name {name}");
            if (found.Count > 1)
                throw StartupErrors.Conflict(found, assembly);
        }
        throw failure ?? StartupErrors.NoConventionalType(convention, assembly, attributes);
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
