using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>
/// The type arguments of a generic method, as they follow from arguments of JavaScript's: a number is a double, an object
/// of no declared type a dictionary.
/// </summary>
internal static class TypeArguments
{
    /// <summary>Throws where one of them does not follow from the arguments.</summary>
    public static Type[] Infer(MethodInfo method, ParameterInfo[] values, ValueReader arguments, int count)
    {
        var open = method.GetGenericArguments();
        var found = new Type?[open.Length];
        for (int i = 0; i < Math.Min(count, values.Length); i++)
        {
            var type = values[i].ParameterType;
            var item = Item(type);
            int index = Array.IndexOf(open, item ?? type);
            if (index >= 0 && found[index] == null)
                found[index] = item == null ? TypeOf(arguments) : ItemType(arguments);
            arguments.Skip();
        }
        int missing = Array.IndexOf(found, null);
        if (missing < 0)
            return found!;
        throw new OwinException(
            ErrorCodes.FunctionArguments,
            $"{TypeNames.Show(method)}: what {open[missing].Name} is does not follow from the arguments."
        );
    }

    /// <summary>The method with these type arguments. Throws where they do not meet its constraints.</summary>
    public static MethodInfo Close(MethodInfo method, Type[] types)
    {
        try
        {
            return method.MakeGenericMethod(types);
        }
        catch (ArgumentException error)
        {
            throw new OwinException(
                ErrorCodes.FunctionArguments,
                $"{TypeNames.Show(method)} does not take {string.Join(", ", types.Select(TypeNames.Show))}.",
                error
            );
        }
    }

    // T of T[] and of List<T>, IEnumerable<T>, Memory<T> and the like.
    static Type? Item(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericArguments().Length == 1 ? type.GetGenericArguments()[0]
        : null;

    static Type ItemType(ValueReader arguments)
    {
        switch (arguments.Tag())
        {
            case ValueTag.Bytes or ValueTag.BytesBuffer:
                return typeof(byte);
            case ValueTag.Array or ValueTag.ArrayBuffer:
                return ElementKinds.Type((ElementKind)arguments.Take(1)[0]);
            case ValueTag.List or ValueTag.Set when arguments.Count() is > 0 and var count:
                var type = TypeOf(arguments);
                for (int i = 1; i < count; i++)
                {
                    arguments.Skip();
                    if (TypeOf(arguments) != type)
                        return typeof(object);
                }
                return type;
            default:
                return typeof(object);
        }
    }

    static Type TypeOf(ValueReader arguments) =>
        arguments.Tag() switch
        {
            ValueTag.True or ValueTag.False => typeof(bool),
            ValueTag.Int or ValueTag.Double => typeof(double),
            ValueTag.Long => typeof(long),
            ValueTag.ULong => typeof(ulong),
            ValueTag.BigInt => typeof(System.Numerics.BigInteger),
            ValueTag.String => typeof(string),
            ValueTag.Date => typeof(DateTime),
            ValueTag.Bytes or ValueTag.BytesBuffer => typeof(byte[]),
            ValueTag.Array or ValueTag.ArrayBuffer => ElementKinds
                .Type((ElementKind)arguments.Take(1)[0])
                .MakeArrayType(),
            _ => typeof(object),
        };
}
