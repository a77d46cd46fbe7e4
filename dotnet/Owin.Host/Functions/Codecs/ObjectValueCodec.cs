using System.Dynamic;
using System.Numerics;

namespace Owin.Host.Functions.Codecs;

/// <summary>
/// Values of no declared type: written by what they are at run time, read as the nearest type of .NET's, by
/// <see cref="ValueReader.Rules" />.
/// </summary>
internal sealed class ObjectValueCodec : ValueCodec<object?>
{
    const double SafeMost = 9007199254740991;

    static readonly DateTimeCodec dates = new();

    public override object? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        switch (tag)
        {
            case ValueTag.Null:
                return null;
            case ValueTag.False:
                return false;
            case ValueTag.True:
                return true;
            case ValueTag.Int:
                int integer = reader.Int();
                return Has(ref reader, ValueRules.Integers) ? (object)integer : (double)integer;
            case ValueTag.Double:
                double number = reader.Double();
                return Has(ref reader, ValueRules.Integers) && IsInteger(number) ? (object)(long)number : number;
            case ValueTag.Long:
                return reader.Long();
            case ValueTag.ULong:
                return (ulong)reader.Long();
            case ValueTag.BigInt:
                return reader.BigInt();
            case ValueTag.String:
                return reader.Text();
            case ValueTag.Date:
                return dates.From(reader.Double());
            case ValueTag.Set:
                return new HashSet<object?>(List(ref reader, tag));
            case ValueTag.List:
                return Has(ref reader, ValueRules.Expando) ? List(ref reader, tag).ToArray() : List(ref reader, tag);
            case ValueTag.Bytes or ValueTag.BytesBuffer:
                return Array<byte>(ref reader, tag);
            case ValueTag.Array or ValueTag.ArrayBuffer:
                return TypedArray(ref reader, tag);
            case ValueTag.Dictionary:
                return Has(ref reader, ValueRules.Expando)
                    ? Fill(ref reader, new ExpandoObject())
                    : Fill(ref reader, new Dictionary<string, object?>(StringComparer.Ordinal));
            case ValueTag.Map:
                return Map(ref reader);
            case ValueTag.Function:
                return reader.Functions.Get(reader.Int());
            case ValueTag.Delegate:
                return (reader.Functions.Environment.Objects.Get(reader.Int()) as BoundFunction)?.Delegate;
            case ValueTag.Stream:
                return JsIterable.Read<object?>(reader.Functions.Find(reader.Int()));
            case ValueTag.Signal:
                return JsSignal.Of(reader.Functions.Find(reader.Int()));
            case ValueTag.Promise:
                return reader.Functions.Find(reader.Int()).Call<object?>([]);
            default:
                throw new OwinException(ErrorCodes.Protocol, $"JavaScript sent a value of the kind {(int)tag}.");
        }
    }

    public override void Write(ValueWriter writer, object? value)
    {
        if (value is null or DBNull)
            writer.Tag(ValueTag.Null);
        else if (value.GetType() is var type && type != typeof(object))
            ValueCodecs.Get(type).WriteObject(writer, value);
        else
            ValueCodecs.Get<Dictionary<string, object?>>().Write(writer, []);
    }

    static bool Has(ref ValueReader reader, ValueRules rule) => (reader.Rules & rule) != 0;

    static bool IsInteger(double number) =>
        Math.Abs(number) <= SafeMost && Math.Truncate(number) == number && (number != 0 || !double.IsNegative(number));

    List<object?> List(ref ValueReader reader, ValueTag tag)
    {
        Items.TryBegin(ref reader, tag, out var items);
        var list = new List<object?>();
        System.Runtime.InteropServices.CollectionsMarshal.SetCount(list, items.Count);
        items.Fill(ref reader, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list), this);
        return list;
    }

    static T[] Array<T>(ref ValueReader reader, ValueTag tag)
    {
        Items.TryBegin(ref reader, tag, out var items);
        var array = items.NewArray<T>();
        items.Fill(ref reader, array, ValueCodecs.Get<T>());
        return array;
    }

    static Array TypedArray(ref ValueReader reader, ValueTag tag)
    {
        var kind = (ElementKind)reader.NextByte();
        return kind switch
        {
            ElementKind.SByte => Array<sbyte>(ref reader, tag),
            ElementKind.Byte => Array<byte>(ref reader, tag),
            ElementKind.Short => Array<short>(ref reader, tag),
            ElementKind.UShort => Array<ushort>(ref reader, tag),
            ElementKind.Int => Array<int>(ref reader, tag),
            ElementKind.UInt => Array<uint>(ref reader, tag),
            ElementKind.Float => Array<float>(ref reader, tag),
            ElementKind.Double => Array<double>(ref reader, tag),
            ElementKind.Long => Array<long>(ref reader, tag),
            ElementKind.ULong => Array<ulong>(ref reader, tag),
            _ => throw new OwinException(ErrorCodes.Protocol, $"A typed array has elements of the kind {(int)kind}."),
        };
    }

    IDictionary<string, object?> Fill(ref ValueReader reader, IDictionary<string, object?> target)
    {
        reader.Enter();
        for (int left = reader.Count(); left > 0; left--)
        {
            var name = reader.Text();
            try
            {
                target[name] = Read(ref reader);
            }
            catch (MarshalException error) when (error.In(name)) { }
        }
        reader.Leave();
        return target;
    }

    // A dictionary by names where all of its keys are texts.
    object Map(ref ValueReader reader)
    {
        var map = new Dictionary<object, object?>();
        reader.Enter();
        for (int left = reader.Count(); left > 0; left--)
        {
            var key = Read(ref reader) ?? throw new MarshalException("has the key null, which no dictionary takes");
            try
            {
                map[key] = Read(ref reader);
            }
            catch (MarshalException error) when (error.In(key.ToString()!)) { }
        }
        reader.Leave();
        return map.Keys.All(each => each is string)
            ? map.ToDictionary(each => (string)each.Key, each => each.Value, StringComparer.Ordinal)
            : map;
    }
}
