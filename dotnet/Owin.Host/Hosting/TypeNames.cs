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
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
    };

    /// <summary>The type that C# has that keyword for, or null.</summary>
    public static Type? OfKeyword(string keyword) => Keywords.FirstOrDefault(each => each.Value == keyword).Key;

    public static string Show(Type type)
    {
        if (type.IsByRef)
            return "ref " + Show(type.GetElementType()!);
        if (type.IsArray)
            return $"{Show(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Show(value) + "?";
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
