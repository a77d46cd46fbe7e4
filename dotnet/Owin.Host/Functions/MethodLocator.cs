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
        var type = TypeLocator.Find(assembly, name.Type);
        if (kind is MethodKind.Getter or MethodKind.Setter)
            return [AccessorLocator.Find(type, name.Method, kind)];
        MethodBase[] named =
            kind == MethodKind.Constructor
                ? type.GetConstructors()
                : [.. Methods(type).Where(each => each.Name == name.Method && IsOf(kind, each))];
        if (named.Length == 0)
            throw NoMethod(type, name.Method);
        if (name.TypeArguments != null)
            named = [.. Closed(named, TypeLocator.Arguments(assembly, name.TypeArguments))];
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

    static bool IsOf(MethodKind kind, MethodInfo method) =>
        kind == MethodKind.Any || method.IsStatic == (kind == MethodKind.Static);

    /// <summary>The methods of a type that can be called from JavaScript, without those of its properties and events.</summary>
    public static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods(Members).Where(each => !each.IsSpecialName && each.DeclaringType != typeof(object));

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

    static IEnumerable<MethodInfo> Closed(MethodBase[] named, Type[] types)
    {
        var closed = named
            .OfType<MethodInfo>()
            .Where(each => each.GetGenericArguments().Length == types.Length)
            .Select(each => TypeArguments.Close(each, types))
            .ToArray();
        return closed.Length > 0
            ? closed
            : throw new OwinException(
                ErrorCodes.FunctionNotFound,
                $"{named[0].Name} does not take {types.Length} type argument{(types.Length == 1 ? "" : "s")}. "
                    + $"There are: {string.Join(", ", named.OfType<MethodInfo>().Select(TypeNames.Show))}."
            );
    }

    static OwinException NoMethod(Type type, string name)
    {
        var names = Methods(type).Select(each => each.Name).Distinct().ToArray();
        bool hidden = type.GetMethods(Members | BindingFlags.NonPublic).Any(each => each.Name == name);
        var why = hidden ? $" {name} is not public." : "";
        if (name == FunctionName.Constructor)
            why = " Objects are made by what owin.load() gives.";
        var there = names.Length == 0 ? "It has none." : $"Its public methods: {NearNames.List(names)}.";
        return new(
            ErrorCodes.FunctionNotFound,
            $"{TypeLocator.Name(type)} has no public method {name}.{why} {there}{NearNames.Suggest(name, names)}"
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

    /// <summary>What makes an object.</summary>
    Constructor,
}
