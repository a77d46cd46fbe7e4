using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Runtime.InteropServices;

namespace Owin.Host.Functions;

/// <summary>
/// Writes the values that src/functions/value-reader.ts reads: null, bool, integral numbers up to 64 bits, float and
/// double, string, DateTime and DateTimeOffset, bytes, and lists and dictionaries of these.
/// </summary>
internal sealed class ValueWriter
{
    const int Depth = 64;

    readonly ArrayBufferWriter<byte> bytes = new();
    readonly List<object> ancestors = [];

    /// <summary>
    /// Throws <see cref="OwinException" /> with the path of what cannot be written: another type, a cycle, a depth
    /// above 64. <paramref name="path" /> is what the value is.
    /// </summary>
    public static ReadOnlySpan<byte> Write(object? value, string path)
    {
        var writer = new ValueWriter();
        writer.Add(value, path);
        return writer.bytes.WrittenSpan;
    }

    void Add(object? value, string path)
    {
        switch (value)
        {
            case null:
                Tag(ValueTag.Null);
                break;
            case bool flag:
                Tag(flag ? ValueTag.True : ValueTag.False);
                break;
            case sbyte or byte or short or ushort or int:
                Tag(ValueTag.Int);
                Int(Convert.ToInt32(value, null));
                break;
            case uint or long:
                Tag(ValueTag.Long);
                BinaryPrimitives.WriteInt64LittleEndian(Take(8), Convert.ToInt64(value, null));
                break;
            case ulong number when number <= long.MaxValue:
                Tag(ValueTag.Long);
                BinaryPrimitives.WriteInt64LittleEndian(Take(8), (long)number);
                break;
            case float or double:
                Tag(ValueTag.Double);
                Double(Convert.ToDouble(value, null));
                break;
            case string text:
                Tag(ValueTag.String);
                Text(text);
                break;
            case DateTime time:
                Date(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time);
                break;
            case DateTimeOffset time:
                Date(time.UtcDateTime);
                break;
            case byte[] array:
                Bytes(array);
                break;
            case ReadOnlyMemory<byte> memory:
                Bytes(memory.Span);
                break;
            case IDictionary or IEnumerable:
                Nested(value, path);
                break;
            default:
                throw Fault(path, $"a {value.GetType()}");
        }
    }

    void Nested(object value, string path)
    {
        if (ancestors.Exists(each => ReferenceEquals(each, value)))
            throw Fault(path, "a part of what it lies in: a cycle");
        if (ancestors.Count == Depth)
            throw Fault(path, $"{Depth} lists and dictionaries deep");
        ancestors.Add(value);
        if (value is IEnumerable<KeyValuePair<string, object>> pairs)
            Dictionary([.. pairs], path);
        else if (value is IDictionary dictionary)
            Dictionary([.. Pairs(dictionary, path)], path);
        else
            List([.. ((IEnumerable)value).Cast<object?>()], path);
        ancestors.RemoveAt(ancestors.Count - 1);
    }

    static IEnumerable<KeyValuePair<string, object>> Pairs(IDictionary dictionary, string path)
    {
        foreach (DictionaryEntry entry in dictionary)
            yield return new(
                entry.Key as string ?? throw Fault(path, "a dictionary with keys that are no texts"),
                entry.Value!
            );
    }

    void List(object?[] values, string path)
    {
        Tag(ValueTag.List);
        Int(values.Length);
        for (int i = 0; i < values.Length; i++)
            Add(values[i], $"{path}[{i}]");
    }

    void Dictionary(KeyValuePair<string, object>[] pairs, string path)
    {
        Tag(ValueTag.Dictionary);
        Int(pairs.Length);
        foreach (var (name, value) in pairs)
        {
            Text(name);
            Add(value, $"{path}.{name}");
        }
    }

    void Date(DateTime time)
    {
        Tag(ValueTag.Date);
        Double((time - DateTime.UnixEpoch).TotalMilliseconds);
    }

    void Bytes(ReadOnlySpan<byte> span)
    {
        Tag(ValueTag.Bytes);
        Int(span.Length);
        span.CopyTo(Take(span.Length));
    }

    void Text(string text)
    {
        var utf16 = MemoryMarshal.AsBytes(text.AsSpan());
        Int(utf16.Length);
        utf16.CopyTo(Take(utf16.Length));
    }

    void Tag(ValueTag tag) => Take(1)[0] = (byte)tag;

    void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    Span<byte> Take(int count)
    {
        var span = bytes.GetSpan(count)[..count];
        bytes.Advance(count);
        return span;
    }

    static OwinException Fault(string path, string what) =>
        new(
            ErrorCodes.Value,
            $"{path} is {what}; what can cross to JavaScript is null, bool, numbers, string, dates, bytes, lists and dictionaries of these."
        );
}
