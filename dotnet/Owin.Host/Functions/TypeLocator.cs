using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>
/// Finds types by names as C# writes them: <c>Acme.Box&lt;int&gt;</c>, nested ones behind a dot or a plus. What is not
/// there is said with what is.
/// </summary>
internal static class TypeLocator
{
    /// <summary>The public type of that name, with its type arguments where it takes some.</summary>
    public static Type Find(Assembly assembly, string name)
    {
        var (key, arguments) = TakeApart(name);
        var types = Public(assembly);
        bool IsNamed(Type each) =>
            (Key(each) == key || each.FullName == key) && each.GetGenericArguments().Length == arguments.Length;
        if (types.FirstOrDefault(IsNamed) is { } found)
            return Close(assembly, found, arguments);
        if (types.FirstOrDefault(each => Bare(Key(each)) == Bare(key)) is { } other)
            throw NotFound(
                other.IsGenericTypeDefinition
                    ? $"{name} wants type arguments: it is {Name(other)}. Name it with them, such as {Example(other)}."
                    : $"{name} takes no type arguments: it is {Name(other)}."
            );
        var hidden = assembly.GetType(key, throwOnError: false);
        var why = hidden == null ? "" : $" {name} is not public.";
        var names = types.Select(Name).ToArray();
        var there = names.Length == 0 ? "There are none." : $"Its public types: {NearNames.List(names)}.";
        throw NotFound(
            $"{assembly.GetName().Name} has no public type {name}.{why} {there}{NearNames.Suggest(name, names)}"
        );
    }

    /// <summary>Types that are type arguments: of the assembly, of .NET itself, or of what the assembly refers to.</summary>
    public static Type[] Arguments(Assembly assembly, string[] names) =>
        Array.ConvertAll(names, each => Argument(assembly, each));

    /// <summary>The public types of an assembly that can be loaded.</summary>
    public static Type[] Public(Assembly assembly) =>
        [.. StartupLocator.LoadableTypes(assembly, out _).Where(each => each.IsVisible)];

    /// <summary>The name of a type with its namespace, dots only, and with its type arguments.</summary>
    public static string Name(Type type)
    {
        var name = Key(type);
        if (!type.IsGenericType)
            return name;
        var arguments = type.GetGenericArguments().Select(TypeNames.Show).ToArray();
        var (shown, taken) = (new StringBuilder(), 0);
        foreach (var part in name.Split('.'))
        {
            int mark = part.IndexOf('`', StringComparison.Ordinal);
            shown.Append(shown.Length == 0 ? "" : ".").Append(mark < 0 ? part : part[..mark]);
            if (mark < 0)
                continue;
            int count = int.Parse(part[(mark + 1)..]);
            shown.Append('<').AppendJoin(", ", arguments[taken..(taken + count)]).Append('>');
            taken += count;
        }
        return shown.ToString();
    }

    static Type Argument(Assembly assembly, string name)
    {
        if (name.EndsWith("[]", StringComparison.Ordinal))
            return Argument(assembly, name[..^2]).MakeArrayType();
        if (name.EndsWith('?') && Argument(assembly, name[..^1]) is var maybe)
            return maybe.IsValueType ? typeof(Nullable<>).MakeGenericType(maybe) : maybe;
        if (TypeNames.OfKeyword(name) is { } known)
            return known;
        var (key, arguments) = TakeApart(name);
        var found =
            Public(assembly).FirstOrDefault(each => Key(each) == key)
            ?? typeof(object).Assembly.GetType(key)
            ?? Referenced(assembly).Select(each => each.GetType(key)).FirstOrDefault(each => each != null);
        return found is { IsVisible: true }
            ? Close(assembly, found, arguments)
            : throw NotFound(
                $"There is no public type {name}, which is to be a type argument. It takes its namespace."
            );
    }

    static IEnumerable<Assembly> Referenced(Assembly assembly)
    {
        var context = AssemblyLoadContext.GetLoadContext(assembly)!;
        foreach (var name in assembly.GetReferencedAssemblies())
        {
            Assembly? found = null;
            try
            {
                found = context.LoadFromAssemblyName(name);
            }
            catch (Exception error) when (error is IOException or BadImageFormatException)
            {
                // What is missing has no types.
            }
            if (found != null)
                yield return found;
        }
    }

    static Type Close(Assembly assembly, Type type, string[] arguments)
    {
        if (!type.IsGenericTypeDefinition)
            return type;
        var types = Arguments(assembly, arguments);
        try
        {
            return type.MakeGenericType(types);
        }
        catch (ArgumentException error)
        {
            throw NotFound($"{Name(type)} does not take {string.Join(", ", types.Select(TypeNames.Show))}.", error);
        }
    }

    // "Acme.Box<int>.Lid<string>" is "Acme.Box`1.Lid`1" of int and string.
    static (string Key, string[] Arguments) TakeApart(string name)
    {
        var key = new StringBuilder();
        var arguments = new List<string>();
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] != '<')
            {
                key.Append(name[i]);
                continue;
            }
            int end = FunctionName.End(name, i);
            var list = FunctionName.Split(name[(i + 1)..end]);
            key.Append('`').Append(list.Length);
            arguments.AddRange(list);
            i = end;
        }
        return (key.ToString(), [.. arguments]);
    }

    static string Key(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    static string Bare(string key) => string.Join('.', key.Split('.').Select(each => each.Split('`')[0]));

    static string Example(Type open) =>
        Name(open).Split('<')[0] + $"<{string.Join(", ", open.GetGenericArguments().Select(_ => "string"))}>";

    static OwinException NotFound(string message, Exception? cause = null) =>
        new(ErrorCodes.FunctionNotFound, message, cause);
}
