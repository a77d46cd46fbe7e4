using System.Buffers;
using System.Numerics;

namespace Marshalling;

/// What .NET has seen of a value, and the value.
public sealed record Seen<T>(string? Net, T Value);

/// Every method gives back what it got.
public static class Echo
{
    public static Seen<bool> Bool(bool value) => See(value);

    public static Seen<string?> String(string? value) => See(value);

    public static Seen<char> Char(char value) => See(value);

    public static Seen<sbyte> SByte(sbyte value) => See(value);

    public static Seen<byte> Byte(byte value) => See(value);

    public static Seen<short> Short(short value) => See(value);

    public static Seen<ushort> UShort(ushort value) => See(value);

    public static Seen<int> Int(int value) => See(value);

    public static Seen<uint> UInt(uint value) => See(value);

    public static Seen<long> Long(long value) => See(value);

    public static Seen<ulong> ULong(ulong value) => See(value);

    public static Seen<Int128> Int128(Int128 value) => See(value);

    public static Seen<BigInteger> BigInteger(BigInteger value) => See(value);

    public static Seen<float> Float(float value) => See(value);

    public static Seen<double> Double(double value) => See(value);

    public static Seen<decimal> Decimal(decimal value) => See(value);

    public static Seen<Guid> Guid(Guid value) => See(value);

    public static Seen<Uri?> Uri(Uri? value) => See(value);

    public static Seen<TimeSpan> TimeSpan(TimeSpan value) => See(value);

    public static Seen<DateOnly> DateOnly(DateOnly value) => See(value);

    public static Seen<TimeOnly> TimeOnly(TimeOnly value) => See(value);

    public static Seen<Access> Enum(Access value) => See(value);

    public static Seen<DateTime> DateTime(DateTime value) => See(value);

    public static Seen<DateTimeOffset> DateTimeOffset(DateTimeOffset value) => See(value);

    public static Seen<int?> NullableInt(int? value) => See(value);

    public static Seen<object?> Object(object? value) => new(Show.Typed(value), value);

    public static Seen<byte[]?> Bytes(byte[]? value) => See(value);

    public static Seen<Memory<byte>> MemoryOfBytes(Memory<byte> value) => new(Show.Plain(value.ToArray()), value);

    public static Seen<ReadOnlySequence<byte>> Sequence(ReadOnlySequence<byte> value) =>
        new(Show.Plain(value.ToArray()), value);

    public static Seen<int[]?> Ints(int[]? value) => See(value);

    public static Seen<long[]?> Longs(long[]? value) => See(value);

    public static Seen<double[]?> Doubles(double[]? value) => See(value);

    public static Seen<float[]?> Floats(float[]? value) => See(value);

    public static Seen<decimal[]?> Decimals(decimal[]? value) => See(value);

    public static Seen<Memory<short>> MemoryOfShorts(Memory<short> value) => new(Show.Plain(value.ToArray()), value);

    public static Seen<string?[]?> Strings(string?[]? value) => See(value);

    public static Seen<List<int>?> ListOfInts(List<int>? value) => See(value);

    public static Seen<IEnumerable<string>> Enumerable(IEnumerable<string> value) => See(value);

    public static Seen<HashSet<int>> SetOfInts(HashSet<int> value) => See(value);

    public static Seen<SortedSet<string>> OwnCollection(SortedSet<string> value) => See(value);

    public static Seen<Dictionary<string, int>> Dictionary(Dictionary<string, int> value) => See(value);

    public static Seen<Dictionary<int, string>> IntKeys(Dictionary<int, string> value) => See(value);

    public static Seen<Point?> Point(Point? value) => See(value);

    public static Seen<Order> Order(Order value) => See(value);

    public static Seen<Attributed> Attributed(Attributed value) => See(value);

    public static Seen<Size> Size(Size value) => See(value);

    public static Seen<Shape?> Abstract(Shape? value) => See(value);

    public static Seen<Type?> Unsupported(Type? value) => See(value);

    static Seen<T> See<T>(T value) => new(Show.Plain(value), value);
}
