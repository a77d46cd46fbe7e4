namespace Owin.Host.Functions;

/// <summary>Kinds of values as they cross: src/functions/values.ts says how each is written.</summary>
internal enum ValueTag : byte
{
    Null,
    False,
    True,
    Int,
    Long,
    Double,
    String,
    Date,
    Bytes,
    List,
    Dictionary,
    Function,
    ULong,
    BigInt,
    BytesBuffer,
    Array,
    ArrayBuffer,
    Set,
    Map,
    Delegate,
    Stream,
    Source,
    ByteSource,
    Signal,
    Promise,
    Task,
}

/// <summary>Kinds of elements of a typed array.</summary>
internal enum ElementKind : byte
{
    SByte,
    Byte,
    Short,
    UShort,
    Int,
    UInt,
    Float,
    Double,
    Long,
    ULong,
}

/// <summary>How values are read and written whose type nobody has declared.</summary>
[Flags]
internal enum ValueRules
{
    None = 0,

    /// <summary>An integral number is an int where it fits, else a long; without this every number is a double.</summary>
    Integers = 1,

    /// <summary>An object is an ExpandoObject, a list an <c>object[]</c>.</summary>
    Expando = 2,

    /// <summary>Properties keep the names they have in .NET.</summary>
    ClrNames = 4,
}
