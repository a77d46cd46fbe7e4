using System.Reflection;
using System.Runtime.Loader;

namespace Owin.Host.Hosting;

/// <summary>What is said when an app's beginning is not found: what was looked for, where, and what was there.</summary>
internal static class StartupErrors
{
    public static OwinException NoNamedType(
        string name,
        Assembly assembly,
        StartupConvention convention,
        Exception cause
    )
    {
        var types = PublicTypes(assembly);
        return new(
            ErrorCodes.StartupNotFound,
            $"There is no type {name} in {Place(assembly)}.{NearNames.Suggest(name.Split(',')[0], types)} {Describe(assembly, types, convention)}",
            cause
        );
    }

    public static OwinException NoSettingType(
        StartupSetting setting,
        string name,
        Assembly assembly,
        StartupConvention convention,
        StartupAttribute[] attributes
    )
    {
        var types = PublicTypes(assembly);
        return new(
            ErrorCodes.StartupNotFound,
            $"{setting.GivenBy} names \"{setting.Value}\". That is the friendly name of no OwinStartupAttribute "
                + $"({Describe(attributes)}), and {Place(assembly)} has neither a type {name} nor one with a method "
                + $"of the last part's name.{NearNames.Suggest(name, types)} {Describe(assembly, types, convention)}"
        );
    }

    public static OwinException NoSettingAssembly(
        StartupSetting setting,
        string name,
        AppLoadContext context,
        Exception cause
    ) =>
        new(
            ErrorCodes.StartupNotFound,
            $"{setting.GivenBy} names \"{setting.Value}\", but the assembly {name} cannot be loaded: "
                + $"{cause.Message.Trim()} {LoadErrors.DescribeFolder(context.Folder, name + ".dll")}",
            cause
        );

    public static OwinException NoConventionalType(
        StartupConvention convention,
        Assembly assembly,
        StartupAttribute[] attributes
    )
    {
        var conventional = string.Join(" and ", convention.Types.Select(each => $"{assembly.GetName().Name}.{each}"));
        return new(
            ErrorCodes.StartupNotFound,
            $"No startup type was found in {Place(assembly)}. Looked for {conventional}, then for a type named "
                + $"{string.Join(" or ", convention.Types)} in any namespace. {FriendlyOnly(attributes)}"
                + Describe(assembly, PublicTypes(assembly), convention)
        );
    }

    public static OwinException Conflict(IEnumerable<Type> types, Assembly assembly)
    {
        var names = string.Join(" and ", types.Select(each => each.FullName).Order(StringComparer.Ordinal));
        return new(ErrorCodes.StartupConflict, $"There is more than one startup type in {Place(assembly)}: {names}.");
    }

    public static OwinException AttributeConflict(StartupAttribute[] attributes, Assembly assembly)
    {
        var names = string.Join(" and ", attributes.Select(each => each.ToString()).Order(StringComparer.Ordinal));
        return new(
            ErrorCodes.StartupConflict,
            $"More than one OwinStartupAttribute of {Place(assembly)} fits: {names}."
        );
    }

    public static OwinException NoMethod(Type type, string? wanted, string kind, StartupConvention convention)
    {
        string[] names = wanted != null ? [wanted] : convention.Methods;
        var candidates = names.SelectMany(name => StartupLocator.MethodsNamed(type, name)).Cast<MethodInfo>().ToArray();
        var lookedFor =
            $"Looked for a public method {string.Join(" or ", names)}, static or not, in the type {type.FullName} of "
            + $"{Place(type.Assembly)}, of one of these shapes: {convention.Shapes}";
        if (candidates.Length > 0)
        {
            var reasons = candidates.Select(each =>
                $"\n  {TypeNames.Show(each)}: {WhyNot(type, each, kind, convention)}"
            );
            return new(ErrorCodes.StartupSignature, $"{lookedFor}. None fits:{string.Concat(reasons)}");
        }
        var methods = type.GetMethods().Where(IsOwn).ToArray();
        var there =
            methods.Length == 0
                ? "It has no public methods."
                : $"Its public methods: {NearNames.List([.. methods.Select(TypeNames.Show)])}.";
        var suggestion = NearNames.Suggest(names[^1], methods.Select(each => each.Name));
        return new(ErrorCodes.StartupSignature, $"{lookedFor}. There is none of that name.{suggestion} {there}");
    }

    public static OwinException ReturnedNull(MethodInfo method) =>
        new(
            ErrorCodes.StartupSignature,
            $"{method.DeclaringType!.FullName}.{method.Name} returned null, where an app was expected."
        );

    // An assembly that can be unloaded has no location of its own.
    static string Place(Assembly assembly) =>
        assembly.Location is { Length: > 0 } path ? path
        : AssemblyLoadContext.GetLoadContext(assembly) is AppLoadContext context ? context.Source
        : assembly.GetName().Name!;

    static string Describe(Assembly assembly, IReadOnlyCollection<string> types, StartupConvention convention)
    {
        var fitting = StartupLocator
            .LoadableTypes(assembly, out _)
            .SelectMany(type =>
                type.GetMethods().Where(each => Fits(type, each, convention)).Select(each => $"{type}.{each.Name}")
            )
            .ToArray();
        var there = types.Count == 0 ? "It has no public types." : $"Its public types: {NearNames.List(types)}.";
        return fitting.Length == 0 ? there : $"{there} Methods that would fit: {NearNames.List(fitting)}.";
    }

    static string Describe(StartupAttribute[] attributes) =>
        attributes.Length == 0
            ? "there is none"
            : $"there are: {string.Join(", ", attributes.Select(each => each.ToString()))}";

    static string FriendlyOnly(StartupAttribute[] attributes) =>
        attributes.Length == 0
            ? ""
            : $"Each OwinStartupAttribute has a friendly name, which owin:AppStartup must give ({Describe(attributes)}). ";

    static string[] PublicTypes(Assembly assembly) =>
        [
            .. StartupLocator
                .LoadableTypes(assembly, out _)
                .Where(type => type.IsVisible)
                .Select(type => type.ToString()),
        ];

    // Not those that only return something: too many methods do.
    static bool Fits(Type type, MethodInfo method, StartupConvention convention) =>
        IsOwn(method)
        && StartupMethod.WhyNotCallable(type, method) == null
        && method.GetParameters().Length > 0
        && convention.Signatures.Any(each => each.Fits(method));

    static bool IsOwn(MethodInfo method) => method.DeclaringType != typeof(object);

    static string WhyNot(Type type, MethodInfo method, string kind, StartupConvention convention)
    {
        if (StartupMethod.WhyNotCallable(type, method) is { } reason)
            return reason;
        return convention.Signatures.Any(each => each.Fits(method))
            ? $"it takes no IAppBuilder, which the option 'kind' with '{kind}' asks for"
            : convention.WhyNone(method);
    }
}
