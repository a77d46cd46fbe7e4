using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>What is said when an app's beginning is not found: what was looked for, where, and what was there.</summary>
internal static class StartupErrors
{
    static readonly string Shapes = string.Join(" or ", StartupSignature.All.Select(each => each.Shape));

    public static OwinException NoNamedType(string name, Assembly assembly, Exception cause)
    {
        var types = PublicTypes(assembly);
        return new(
            ErrorCodes.StartupNotFound,
            $"There is no type {name} in {assembly.Location}.{NearNames.Suggest(name.Split(',')[0], types)} {Describe(assembly, types)}",
            cause
        );
    }

    public static OwinException NoConventionalType(string conventional, Assembly assembly) =>
        new(
            ErrorCodes.StartupNotFound,
            $"No startup type was found in {assembly.Location}. Looked for {conventional}, then for a type named "
                + $"Startup in any namespace. {Describe(assembly, PublicTypes(assembly))}"
        );

    public static OwinException Conflict(IEnumerable<Type> types, Assembly assembly)
    {
        var names = string.Join(" and ", types.Select(each => each.FullName).Order(StringComparer.Ordinal));
        return new(ErrorCodes.StartupConflict, $"There is more than one startup type in {assembly.Location}: {names}.");
    }

    public static OwinException NoMethod(Type type, string? wanted, Assembly assembly)
    {
        var names = wanted != null ? [wanted] : StartupSignature.All.Select(each => each.MethodName).Distinct();
        var candidates = names.SelectMany(name => StartupLocator.MethodsNamed(type, name)).Cast<MethodInfo>().ToArray();
        var lookedFor =
            $"Looked for a public method {Shapes}, static or not, in the type {type.FullName} of "
            + $"{assembly.Location}";
        if (wanted != null)
            lookedFor += $", named {wanted}";

        if (candidates.Length > 0)
        {
            var reasons = candidates.Select(each => $"\n  {TypeNames.Show(each)}: {WhyNot(type, each)}");
            return new(ErrorCodes.StartupSignature, $"{lookedFor}. None fits:{string.Concat(reasons)}");
        }
        var methods = type.GetMethods().Where(each => each.DeclaringType != typeof(object)).ToArray();
        var there =
            methods.Length == 0
                ? "It has no public methods."
                : $"Its public methods: {NearNames.List([.. methods.Select(TypeNames.Show)])}.";
        var suggestion = NearNames.Suggest(names.First(), methods.Select(each => each.Name));
        return new(ErrorCodes.StartupSignature, $"{lookedFor}. There is none of that name.{suggestion} {there}");
    }

    static string Describe(Assembly assembly, IReadOnlyCollection<string> types)
    {
        var fitting = StartupLocator
            .LoadableTypes(assembly, out _)
            .SelectMany(type => type.GetMethods().Where(each => Fits(type, each)).Select(each => $"{type}.{each.Name}"))
            .ToArray();
        var there = types.Count == 0 ? "It has no public types." : $"Its public types: {NearNames.List(types)}.";
        return fitting.Length == 0 ? there : $"{there} Methods that would fit: {NearNames.List(fitting)}.";
    }

    static string[] PublicTypes(Assembly assembly) =>
        [
            .. StartupLocator
                .LoadableTypes(assembly, out _)
                .Where(type => type.IsVisible)
                .Select(type => type.ToString()),
        ];

    static bool Fits(Type type, MethodInfo method) =>
        StartupSignature.All.Any(each => StartupLocator.WhyNot(type, method, each) == null);

    static string WhyNot(Type type, MethodInfo method) =>
        string.Join("; ", StartupSignature.All.Select(each => StartupLocator.WhyNot(type, method, each)));
}
