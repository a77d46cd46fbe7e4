using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>Finds the public methods that a name may mean. What is not there is said with what is.</summary>
internal static class MethodLocator
{
    const BindingFlags Members =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.FlattenHierarchy;

    /// <summary>The overloads of that name, one at least.</summary>
    public static MethodBase[] Find(Assembly assembly, FunctionName name, MethodKind kind)
    {
        var type = FindType(assembly, name.Type);
        if (kind is MethodKind.Getter or MethodKind.Setter)
            return [AccessorLocator.Find(type, name.Method, kind)];
        MethodBase[] named =
            name.Method == FunctionName.Constructor
                ? type.GetConstructors()
                : [.. Methods(type).Where(each => each.Name == name.Method && IsOf(kind, each))];
        if (named.Length == 0)
            throw NoMethod(type, name.Method);
        if (name.Parameters == null)
            return named;
        var fitting = named.Where(each => Fits(each, name.Parameters)).ToArray();
        if (fitting.Length > 0)
            return fitting;
        throw new OwinException(
            ErrorCodes.FunctionNotFound,
            $"{type} has no {name.Method}({string.Join(", ", name.Parameters)}). It has: {List(named)}."
        );
    }

    /// <summary>The public type of that name; nested ones behind a dot or a plus.</summary>
    public static Type FindType(Assembly assembly, string name)
    {
        var types = PublicTypes(assembly);
        if (types.FirstOrDefault(each => FullName(each) == name || each.FullName == name) is { } found)
            return found;
        var hidden = assembly.GetType(name, throwOnError: false);
        var why = hidden == null ? "" : $" {name} is not public.";
        var names = types.Select(FullName).ToArray();
        var there = names.Length == 0 ? "There are none." : $"Its public types: {NearNames.List(names)}.";
        throw new OwinException(
            ErrorCodes.FunctionNotFound,
            $"{assembly.GetName().Name} has no public type {name}.{why} {there}{NearNames.Suggest(name, names)}"
        );
    }

    static bool IsOf(MethodKind kind, MethodInfo method) =>
        kind == MethodKind.Any || method.IsStatic == (kind == MethodKind.Static);

    /// <summary>The methods of a type that can be called from JavaScript, without those of its properties and events.</summary>
    public static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods(Members).Where(each => !each.IsSpecialName && each.DeclaringType != typeof(object));

    /// <summary>The public types of an assembly that can be loaded.</summary>
    public static Type[] PublicTypes(Assembly assembly) =>
        [.. StartupLocator.LoadableTypes(assembly, out _).Where(each => each.IsVisible)];

    /// <summary>The name of a type with dots only.</summary>
    public static string FullName(Type type) => type.FullName!.Replace('+', '.');

    /// <summary>Overloads as a message lists them.</summary>
    public static string List(IEnumerable<MethodBase> methods) =>
        string.Join(", ", methods.Select(each => $"{each.Name}({Signature(each)})"));

    /// <summary>Parameters with their names: "byte[] data, int rounds".</summary>
    public static string Signature(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(each => $"{TypeNames.Show(each.ParameterType)} {each.Name}"));

    /// <summary>A method in the words of C#.</summary>
    public static string Show(MethodBase method)
    {
        var modifier = method.IsStatic ? "static " : "";
        var returned = method is MethodInfo info ? TypeNames.Show(info.ReturnType) + " " : "new ";
        var name = method is MethodInfo ? method.Name : method.DeclaringType!.Name;
        return $"{modifier}{returned}{name}({Signature(method)})";
    }

    static OwinException NoMethod(Type type, string name)
    {
        var names = Methods(type).Select(each => each.Name).Distinct().ToArray();
        bool hidden = type.GetMethods(Members | BindingFlags.NonPublic).Any(each => each.Name == name);
        var why = hidden ? $" {name} is not public." : "";
        var there = names.Length == 0 ? "It has none." : $"Its public methods: {NearNames.List(names)}.";
        return new(
            ErrorCodes.FunctionNotFound,
            $"{FullName(type)} has no public method {name}.{why} {there}{NearNames.Suggest(name, names)}"
        );
    }

    static bool Fits(MethodBase method, string[] wanted)
    {
        var parameters = method.GetParameters();
        return parameters.Length == wanted.Length
            && parameters.Zip(wanted).All(pair => IsNamed(pair.First.ParameterType, pair.Second));
    }

    static bool IsNamed(Type type, string name) =>
        TypeNames.Show(type).Replace(" ", "", StringComparison.Ordinal) == name
        || type.Name == name
        || type.ToString() == name;
}

/// <summary>Which methods of a name are meant.</summary>
internal enum MethodKind
{
    Any,
    Static,
    Instance,

    /// <summary>What reads the property or field of that name.</summary>
    Getter,

    /// <summary>What writes it.</summary>
    Setter,
}
