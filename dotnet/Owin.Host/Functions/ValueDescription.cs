using System.Globalization;

namespace Owin.Host.Functions;

/// <summary>A value in the words of a message.</summary>
internal static class ValueDescription
{
    /// <summary>The value whose tag has just been read.</summary>
    public static string Of(ref ValueReader reader, ValueTag tag) =>
        tag switch
        {
            ValueTag.Null => "null",
            ValueTag.False => "false",
            ValueTag.True => "true",
            ValueTag.Int => Show(reader.Int()),
            ValueTag.Double => Show(reader.Double()),
            ValueTag.Long => $"the bigint {Show(reader.Long())}",
            ValueTag.ULong => $"the bigint {Show((ulong)reader.Long())}",
            ValueTag.BigInt => "a bigint of more than 64 bits",
            ValueTag.String => $"the string {MarshalException.Quote(reader.Text())}",
            ValueTag.Date => "a Date",
            ValueTag.Bytes or ValueTag.BytesBuffer => "bytes",
            ValueTag.List => "an array",
            ValueTag.Array or ValueTag.ArrayBuffer => "a typed array",
            ValueTag.Set => "a Set",
            ValueTag.Map => "a Map",
            ValueTag.Dictionary => "an object",
            ValueTag.Function or ValueTag.Delegate => "a function",
            ValueTag.Stream => "an async iterable",
            ValueTag.Signal => "an AbortSignal",
            ValueTag.Promise => "a Promise",
            _ => throw new OwinException(ErrorCodes.Protocol, $"JavaScript sent a value of the kind {(int)tag}."),
        };

    static string Show<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);
}
