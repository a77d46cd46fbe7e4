using System.Collections;

namespace Owin.Host.Functions;

/// <summary>How well an argument of JavaScript's fits a parameter, from 10 to 0: not at all.</summary>
internal static class ArgumentFit
{
    static readonly Type[] Integers =
    [
        typeof(int),
        typeof(long),
        typeof(Int128),
        typeof(short),
        typeof(byte),
        typeof(uint),
        typeof(ulong),
        typeof(ushort),
        typeof(sbyte),
    ];

    static readonly Type[] Texts =
    [
        typeof(Guid),
        typeof(Uri),
        typeof(TimeSpan),
        typeof(DateOnly),
        typeof(TimeOnly),
        typeof(char),
        typeof(Version),
        typeof(decimal),
    ];

    /// <summary>Goes past the next argument.</summary>
    public static int Of(ref ValueReader reader, Type type)
    {
        var tag = reader.Peek();
        var item = ItemType(reader, tag);
        var held = tag == ValueTag.Delegate ? Held(reader) : null;
        reader.Skip();
        var underlying = Nullable.GetUnderlyingType(type);
        if (tag == ValueTag.Null)
            return underlying != null || !type.IsValueType ? 5 : 0;
        type = underlying ?? type;
        if (type == typeof(object) || type.IsGenericParameter)
            return 1;
        return tag switch
        {
            ValueTag.True or ValueTag.False => type == typeof(bool) ? 10 : 0,
            ValueTag.Int => Integer(type, 0),
            ValueTag.Double => Fraction(type),
            ValueTag.Long or ValueTag.ULong or ValueTag.BigInt => type.FullName == "System.Numerics.BigInteger"
                ? 9
                : Integer(type, 1),
            ValueTag.String => Text(type),
            ValueTag.Date => type == typeof(DateTime) ? 10
            : type == typeof(DateTimeOffset) ? 9
            : 0,
            ValueTag.Function => type.IsAssignableTo(typeof(Delegate)) ? 10 : 0,
            ValueTag.Delegate => type.IsAssignableTo(typeof(Delegate)) && type.IsInstanceOfType(held) ? 10 : 0,
            ValueTag.Promise => ResultTypes.Result(type) != type ? 10 : 0,
            ValueTag.Signal => type == typeof(CancellationToken) ? 10 : 0,
            ValueTag.Stream => Stream(type),
            ValueTag.Dictionary or ValueTag.Map => IsPlain(type) ? 5 : 0,
            _ => Sequence(type, item),
        };
    }

    // A delegate of .NET's that comes home.
    static Delegate? Held(ValueReader reader)
    {
        reader.Tag();
        return (reader.Functions.Environment.Objects.Get(reader.Int()) as BoundFunction)?.Delegate;
    }

    // Any async iterable may be one of bytes.
    static int Stream(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>) ? 10
        : type == typeof(Stream) || type.FullName == "System.IO.Pipelines.PipeReader" ? 9
        : 0;

    // Null: an array of anything.
    static Type? ItemType(ValueReader reader, ValueTag tag)
    {
        if (tag is ValueTag.Bytes or ValueTag.BytesBuffer)
            return typeof(byte);
        if (tag is not (ValueTag.Array or ValueTag.ArrayBuffer))
            return null;
        reader.Tag();
        return ElementKinds.Type((ElementKind)reader.Take(1)[0]);
    }

    // A bigint is a long before it is an int, a number the other way round.
    static int Integer(Type type, int best)
    {
        int index = Array.IndexOf(Integers, type);
        if (index >= 0)
            return index == best ? 10
                : index < 3 ? 9
                : 7;
        return type.IsEnum ? 4
            : Fraction(type) is > 0 and var fit ? fit - 3
            : 0;
    }

    static int Fraction(Type type) =>
        type == typeof(double) ? 10
        : type == typeof(float) || type == typeof(decimal) ? 9
        : type == typeof(Half) || Array.IndexOf(Integers, type) >= 0 ? 4
        : 0;

    static int Text(Type type) =>
        type == typeof(string) ? 10
        : type.IsEnum || Array.IndexOf(Texts, type) >= 0 ? 6
        : 0;

    static int Sequence(Type type, Type? item)
    {
        // An array of JavaScript's becomes bytes where nothing else takes it.
        if (type.IsArray)
            return type.GetElementType() == (item ?? typeof(byte)) == (item != null) ? 9 : 4;
        if (type == typeof(string) || type.IsPrimitive || type.IsEnum)
            return 0;
        bool memory =
            type.IsGenericType && type.Namespace == "System" && type.Name.Contains("Memory`", StringComparison.Ordinal);
        return memory ? (item == null || type.GetGenericArguments()[0] == item ? 8 : 4)
            : type.IsAssignableTo(typeof(IEnumerable)) && !type.IsAssignableTo(typeof(IDictionary)) ? 6
            : type.IsAssignableTo(typeof(Stream)) || type.Name.StartsWith("ReadOnlySequence", StringComparison.Ordinal)
                ? 3
            : 0;
    }

    static bool IsPlain(Type type) =>
        type.IsAssignableTo(typeof(IDictionary))
        || type.Name.Contains("Dictionary`", StringComparison.Ordinal)
        || !type.IsPrimitive
            && !type.IsEnum
            && type != typeof(string)
            && type != typeof(decimal)
            && type != typeof(DateTime)
            && type != typeof(DateTimeOffset)
            && Array.IndexOf(Texts, type) < 0
            && !type.IsAssignableTo(typeof(IEnumerable))
            && !type.IsAssignableTo(typeof(Delegate));
}
