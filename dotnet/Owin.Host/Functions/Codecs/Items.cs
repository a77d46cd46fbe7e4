using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Owin.Host.Functions.Codecs;

/// <summary>What JavaScript gives for a list: an array, a Set, a typed array or bytes, whose count has been read.</summary>
internal readonly struct Items
{
    const int Inline = -1;

    readonly ElementKind kind;
    readonly bool typed;
    readonly int buffer;

    Items(int count) => Count = count;

    Items(ElementKind kind, int count, int buffer = Inline)
    {
        (this.kind, this.buffer, Count, typed) = (kind, buffer, count, true);
    }

    public int Count { get; }

    /// <summary>Goes past the head of the list with this tag; false: it is none.</summary>
    public static bool TryBegin(ref ValueReader reader, ValueTag tag, out Items items)
    {
        switch (tag)
        {
            case ValueTag.List or ValueTag.Set:
                items = new(reader.Count());
                return true;
            case ValueTag.Bytes:
                items = new(ElementKind.Byte, reader.Int());
                return true;
            case ValueTag.BytesBuffer:
                int index = reader.Int();
                items = new(ElementKind.Byte, reader.Int(), index);
                return true;
            case ValueTag.Array:
                items = new((ElementKind)reader.Take(1)[0], reader.Int());
                return true;
            case ValueTag.ArrayBuffer:
                var kind = (ElementKind)reader.Take(1)[0];
                int number = reader.Int();
                items = new(kind, reader.Int() / ElementKinds.Size(kind), number);
                return true;
            default:
                items = default;
                return false;
        }
    }

    /// <summary>Whether these are bytes or a typed array with elements of that type.</summary>
    public bool Are<T>() => typed && ElementKinds.Of(typeof(T)) == kind;

    /// <summary>An array for all of them; what is read over at once is not cleared before.</summary>
    public T[] NewArray<T>() => Are<T>() ? GC.AllocateUninitializedArray<T>(Count) : new T[Count];

    /// <summary>Reads them all.</summary>
    public void Fill<T>(ref ValueReader reader, Span<T> target, ValueCodec<T> codec)
    {
        if (!typed)
            Each(ref reader, target, codec);
        else if (Are<T>())
            Raw(
                ref reader,
                MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(target)), Length)
            );
        else
            Converted(ref reader, target, codec);
    }

    int Length => checked(Count * ElementKinds.Size(kind));

    static void Each<T>(ref ValueReader reader, Span<T> target, ValueCodec<T> codec)
    {
        reader.Enter();
        int i = 0;
        try
        {
            for (; i < target.Length; i++)
                target[i] = codec.Read(ref reader);
        }
        catch (MarshalException error) when (error.At(i)) { }
        reader.Leave();
    }

    void Raw(ref ValueReader reader, Span<byte> target)
    {
        if (buffer == Inline)
            reader.Take(target.Length).CopyTo(target);
        else
            reader.Copy(buffer, target);
    }

    void Converted<T>(ref ValueReader reader, Span<T> target, ValueCodec<T> codec)
    {
        var bytes = new byte[Length];
        Raw(ref reader, bytes);
        switch (kind)
        {
            case ElementKind.SByte:
                Convert<sbyte, T>(bytes, target, codec);
                break;
            case ElementKind.Byte:
                Convert<byte, T>(bytes, target, codec);
                break;
            case ElementKind.Short:
                Convert<short, T>(bytes, target, codec);
                break;
            case ElementKind.UShort:
                Convert<ushort, T>(bytes, target, codec);
                break;
            case ElementKind.Int:
                Convert<int, T>(bytes, target, codec);
                break;
            case ElementKind.UInt:
                Convert<uint, T>(bytes, target, codec);
                break;
            case ElementKind.Float:
                Convert<float, T>(bytes, target, codec);
                break;
            case ElementKind.Double:
                Convert<double, T>(bytes, target, codec);
                break;
            case ElementKind.Long:
                Convert<long, T>(bytes, target, codec);
                break;
            case ElementKind.ULong:
                Convert<ulong, T>(bytes, target, codec);
                break;
        }
    }

    static void Convert<TFrom, T>(ReadOnlySpan<byte> bytes, Span<T> target, ValueCodec<T> codec)
        where TFrom : unmanaged, INumber<TFrom>
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(bytes);
        var number = codec as INumberCodec<T>;
        if (number == null && typeof(T) != typeof(object))
            throw new MarshalException(
                $"is a typed array, where .NET takes {Hosting.TypeNames.Show(typeof(T))} for each"
            );
        int i = 0;
        try
        {
            for (; i < source.Length; i++)
                target[i] = number == null ? (T)(object)source[i] : number.From(source[i]);
        }
        catch (MarshalException error) when (error.At(i)) { }
    }
}
