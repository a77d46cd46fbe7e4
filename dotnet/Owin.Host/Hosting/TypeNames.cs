using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>Types and methods in the words of C#, for messages.</summary>
internal static class TypeNames
{
    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
    };

    public static string Show(Type type)
    {
        if (type.IsByRef)
            return "ref " + Show(type.GetElementType()!);
        if (type.IsArray)
            return $"{Show(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsGenericType)
        {
            var name = type.Name.Split('`')[0];
            return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Show))}>";
        }
        return Keywords.GetValueOrDefault(type, type.Name);
    }

    public static string Show(MethodInfo method)
    {
        var modifier = method.IsStatic ? "static " : "";
        var arguments = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(Show))}>"
            : "";
        return $"{modifier}{Show(method.ReturnType)} {method.Name}{arguments}({ShowParameters(method)})";
    }

    public static string ShowParameters(MethodInfo method) =>
        string.Join(", ", method.GetParameters().Select(each => Show(each.ParameterType)));
}
