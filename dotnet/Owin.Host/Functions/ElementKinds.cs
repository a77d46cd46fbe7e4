namespace Owin.Host.Functions;

/// <summary>Elements of typed arrays.</summary>
internal static class ElementKinds
{
    static readonly Type[] Types =
    [
        typeof(sbyte),
        typeof(byte),
        typeof(short),
        typeof(ushort),
        typeof(int),
        typeof(uint),
        typeof(float),
        typeof(double),
        typeof(long),
        typeof(ulong),
    ];

    /// <summary>The kind of that type's elements; null: no typed array has such.</summary>
    public static ElementKind? Of(Type type)
    {
        int index = Array.IndexOf(Types, type);
        return index < 0 ? null : (ElementKind)index;
    }

    /// <summary>The type of such elements.</summary>
    public static Type Type(ElementKind kind) => Types[(int)kind];

    /// <summary>Bytes of one element.</summary>
    public static int Size(ElementKind kind) =>
        kind switch
        {
            ElementKind.SByte or ElementKind.Byte => 1,
            ElementKind.Short or ElementKind.UShort => 2,
            ElementKind.Int or ElementKind.UInt or ElementKind.Float => 4,
            ElementKind.Double or ElementKind.Long or ElementKind.ULong => 8,
            _ => throw new OwinException(ErrorCodes.Protocol, $"A typed array has elements of the kind {(int)kind}."),
        };
}
