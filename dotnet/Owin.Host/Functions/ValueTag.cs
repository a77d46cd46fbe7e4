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
}
