using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Owin.Host.Http;

namespace Owin.Host.Functions.Codecs;

/// <summary>
/// Arrays. Those of numbers that JavaScript has typed arrays for become such, <c>byte[]</c> a Buffer; the others become
/// arrays.
/// </summary>
internal sealed class ArrayCodec<T> : ValueCodec<T[]?>
{
    static readonly ElementKind? Kind = ElementKinds.Of(typeof(T));

    ValueCodec<T>? item;

    ValueCodec<T> Item => item ??= ValueCodecs.Get<T>();

    public override T[]? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag == ValueTag.Null)
            return null;
        if (!Items.TryBegin(ref reader, tag, out var items))
            throw Wrong(ref reader, tag);
        var array = items.NewArray<T>();
        items.Fill(ref reader, array, Item);
        return array;
    }

    public override void Write(ValueWriter writer, T[]? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else
            WriteSpan(writer, value, value, value);
    }

    /// <summary>The same for memory; <paramref name="owner" /> is what a cycle would lead to, <paramref name="memory" /> what may be lent.</summary>
    public void WriteSpan(ValueWriter writer, ReadOnlySpan<T> span, object? owner, ReadOnlyMemory<T> memory = default)
    {
        if (Kind is not { } kind)
        {
            ListWriter.Write(writer, span, owner, Item);
            return;
        }
        var bytes = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(span)),
            checked(span.Length * ElementKinds.Size(kind))
        );
        bool lends = bytes.Length > FrameLimits.InlineBytes && writer.Lender != null && !memory.IsEmpty;
        if (kind == ElementKind.Byte)
            writer.Tag(lends ? ValueTag.BytesBuffer : ValueTag.Bytes);
        else
        {
            writer.Tag(lends ? ValueTag.ArrayBuffer : ValueTag.Array);
            writer.Take(1)[0] = (byte)kind;
        }
        if (lends)
        {
            writer.Lend(memory, bytes.Length);
            return;
        }
        writer.Int(span.Length);
        writer.Bytes(bytes);
    }
}

internal sealed class MemoryCodec<T> : ValueCodec<Memory<T>>
{
    readonly ArrayCodec<T> array = new();

    public override Memory<T> Read(ref ValueReader reader) => array.Read(ref reader);

    public override void Write(ValueWriter writer, Memory<T> value) => array.WriteSpan(writer, value.Span, null, value);
}

internal sealed class ReadOnlyMemoryCodec<T> : ValueCodec<ReadOnlyMemory<T>>
{
    readonly ArrayCodec<T> array = new();

    public override ReadOnlyMemory<T> Read(ref ValueReader reader) => array.Read(ref reader);

    public override void Write(ValueWriter writer, ReadOnlyMemory<T> value) =>
        array.WriteSpan(writer, value.Span, null, value);
}

internal sealed class ArraySegmentCodec<T> : ValueCodec<ArraySegment<T>>
{
    readonly ArrayCodec<T> array = new();

    public override ArraySegment<T> Read(ref ValueReader reader) => array.Read(ref reader) ?? default(ArraySegment<T>);

    public override void Write(ValueWriter writer, ArraySegment<T> value) =>
        array.WriteSpan(writer, value.AsSpan(), value.Array, value);
}

internal sealed class ReadOnlySequenceCodec<T> : ValueCodec<ReadOnlySequence<T>>
{
    readonly ArrayCodec<T> array = new();

    public override ReadOnlySequence<T> Read(ref ValueReader reader) => new(array.Read(ref reader) ?? []);

    public override void Write(ValueWriter writer, ReadOnlySequence<T> value)
    {
        var memory = value.IsSingleSegment ? value.First : value.ToArray();
        array.WriteSpan(writer, memory.Span, null, memory);
    }
}

/// <summary>
/// Everything else that enumerates: arrays of JavaScript's, or Sets where it is a set. What .NET wants is made as a
/// list, a set, or through its constructor and Add.
/// </summary>
internal sealed class EnumerableCodec<TCollection, T> : ValueCodec<TCollection?>
    where TCollection : IEnumerable<T>
{
    static readonly bool IsSet =
        typeof(TCollection).IsAssignableTo(typeof(ISet<T>))
        || typeof(TCollection).IsAssignableTo(typeof(IReadOnlySet<T>));

    ValueCodec<T>? item;

    ValueCodec<T> Item => item ??= ValueCodecs.Get<T>();

    public override TCollection? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag == ValueTag.Null && default(TCollection) == null)
            return default;
        if (!Items.TryBegin(ref reader, tag, out var items))
            throw Wrong(ref reader, tag);
        var list = new List<T>();
        CollectionsMarshal.SetCount(list, items.Count);
        items.Fill(ref reader, CollectionsMarshal.AsSpan(list), Item);
        return Make(list);
    }

    public override void Write(ValueWriter writer, TCollection? value)
    {
        switch (value)
        {
            case null:
                writer.Tag(ValueTag.Null);
                break;
            case List<T> list:
                ListWriter.Write(writer, CollectionsMarshal.AsSpan(list), list, Item);
                break;
            case T[] array:
                ListWriter.Write(writer, array, array, Item);
                break;
            default:
                ListWriter.Write(writer, IsSet ? ValueTag.Set : ValueTag.List, value, value, Item);
                break;
        }
    }

    TCollection Make(List<T> list)
    {
        if (list is TCollection same)
            return same;
        if (typeof(TCollection).IsAssignableFrom(typeof(HashSet<T>)))
            return (TCollection)(object)new HashSet<T>(list);
        if (typeof(TCollection).IsAbstract || typeof(TCollection).GetConstructor([]) == null)
            throw Wrong("is an array, which .NET cannot make one of");
        var made = Activator.CreateInstance<TCollection>();
        if (made is not ICollection<T> collection)
            throw Wrong("is an array, which .NET cannot make one of");
        foreach (var each in list)
            collection.Add(each);
        return made;
    }
}

/// <summary>What enumerates objects of types nobody declared; it is not read.</summary>
internal sealed class UntypedEnumerableCodec<TCollection> : ValueCodec<TCollection?>
    where TCollection : System.Collections.IEnumerable
{
    readonly EnumerableCodec<IEnumerable<object?>, object?> list = new();

    public override TCollection? Read(ref ValueReader reader)
    {
        var read = list.Read(ref reader);
        return read is null or TCollection ? (TCollection?)read : throw Wrong("is an array");
    }

    public override void Write(ValueWriter writer, TCollection? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else
            ListWriter.Write(writer, ValueTag.List, value.Cast<object?>(), value, ValueCodecs.Object);
    }
}

/// <summary>Writes lists of one tag, a count, and values.</summary>
internal static class ListWriter
{
    public static void Write<T>(ValueWriter writer, ReadOnlySpan<T> span, object? owner, ValueCodec<T> item)
    {
        writer.Enter(owner);
        writer.Tag(ValueTag.List);
        writer.Int(span.Length);
        int i = 0;
        try
        {
            for (; i < span.Length; i++)
                item.Write(writer, span[i]);
        }
        catch (MarshalException error) when (error.At(i)) { }
        writer.Leave();
    }

    public static void Write<T>(
        ValueWriter writer,
        ValueTag tag,
        IEnumerable<T> values,
        object? owner,
        ValueCodec<T> item
    )
    {
        writer.Enter(owner);
        writer.Tag(tag);
        int at = writer.Reserve();
        int count = 0;
        try
        {
            foreach (var each in values)
            {
                item.Write(writer, each);
                count++;
            }
        }
        catch (MarshalException error) when (error.At(count)) { }
        writer.SetInt(at, count);
        writer.Leave();
    }
}
