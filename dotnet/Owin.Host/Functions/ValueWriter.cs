using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// Bytes of values that src/functions/value-reader.ts reads. A <see cref="ValueCodec{T}" /> writes one value of a type.
/// <para>Threads: one at a time. The memory is kept for the next one; after Dispose nothing written may be used.</para>
/// </summary>
internal sealed class ValueWriter : IDisposable
{
    const int SpareBytes = 64 * 1024;

    // A call needs one, and gives it back.
    [ThreadStatic]
    static ValueWriter? spare;

    /// <summary>So many lists and objects may lie in each other.</summary>
    const int DepthMost = 64;

    /// <summary>So many bytes may be written: no text of JavaScript's is longer.</summary>
    public const int BytesMost = (1 << 29) - 24;

    readonly object?[] ancestors = new object?[DepthMost];
    byte[] bytes = ArrayPool<byte>.Shared.Rent(1024);
    int used;
    int depth;
    List<int>? held;
    List<int>? lent;
    List<object>? kept;

    ValueWriter() { }

    public ValueRules Rules { get; private set; }

    /// <summary>Whose values these will be; null: nothing that .NET holds for it can be among them.</summary>
    public JsEnvironment? Environment { get; private set; }

    /// <summary>Who lends large memory instead of its being written; null: it is written.</summary>
    public LentMemory? Lender { get; set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, used);

    /// <summary>
    /// A value by its type at run time. Throws <see cref="OwinException" /> with the path of what cannot be written;
    /// <paramref name="path" /> is what the value is.
    /// </summary>
    public static byte[] Write(object? value, string path)
    {
        using var writer = Rent();
        ValueCodecs.Object.Write(writer, value, path);
        return writer.Written.ToArray();
    }

    /// <summary>An empty one, to be disposed of.</summary>
    public static ValueWriter Rent(ValueRules rules = ValueRules.None, JsEnvironment? environment = null)
    {
        var writer = spare ?? new();
        spare = null;
        writer.Rules = rules;
        writer.Environment = environment;
        return writer;
    }

    /// <summary>Writes that .NET holds an object for JavaScript, until that lets it go.</summary>
    public void Hold(ValueTag tag, object value)
    {
        if (Environment == null)
            throw new MarshalException($"is a {value.GetType()}, which cannot cross here");
        int number = Environment.Objects.Add(value);
        (held ??= []).Add(number);
        Tag(tag);
        Int(number);
    }

    /// <summary>
    /// Writes that a function of JavaScript's comes home. It is not forgotten before what was written has been sent.
    /// </summary>
    public void Return(JsFunction function)
    {
        (kept ??= []).Add(function);
        Tag(ValueTag.Function);
        Int(function.Number);
    }

    /// <summary>Refers to memory of so many bytes in all; JavaScript copies it by itself.</summary>
    public void Lend<T>(ReadOnlyMemory<T> memory, int length)
    {
        var (number, address) = Lender!.Lend(memory);
        (lent ??= []).Add(number);
        Int(number);
        Double(address);
        Int(length);
    }

    /// <summary>What was written is not sent: JavaScript will let nothing of it go.</summary>
    public void Abandon()
    {
        held?.ForEach(Environment!.Objects.Release);
        held = null;
        lent?.ForEach(Lender!.Return);
        lent = null;
    }

    public void Dispose()
    {
        used = 0;
        held = null;
        lent = null;
        kept = null;
        Lender = null;
        Environment = null;
        // Not 0 where writing has failed.
        while (depth > 0)
            Leave();
        if (bytes.Length <= SpareBytes && spare == null)
        {
            spare = this;
            return;
        }
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    /// <summary>Around what lies in a value, which is null for a struct: cycles and what is too deep throw.</summary>
    public void Enter(object? value)
    {
        if (depth == ancestors.Length)
            throw TooDeep(value);
        ancestors[depth++] = value;
    }

    // Every cycle ends here, so nobody looks for one before.
    MarshalException TooDeep(object? value)
    {
        object?[] line = [.. ancestors, value];
        for (int i = 1; i < line.Length; i++)
        {
            if (line[i] is { } each && Array.FindIndex(line, 0, i, other => ReferenceEquals(other, each)) >= 0)
                return new("is a part of what it lies in: a cycle", depth: i);
        }
        return new($"is {ancestors.Length} lists and objects deep");
    }

    public void Leave() => ancestors[--depth] = null;

    public void Tag(ValueTag tag) => Take(1)[0] = (byte)tag;

    public void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void ULong(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    public void BigInt(BigInteger value)
    {
        int length = value.GetByteCount();
        Int(length);
        value.TryWriteBytes(Take(length), out _);
    }

    public void Bytes(ReadOnlySpan<byte> span) => span.CopyTo(Take(span.Length));

    /// <summary>A text without its tag: latin-1 where that holds it, else UTF-16 with a negative count.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        if (text.ContainsAnyExceptInRange('\0', '\xff'))
        {
            Int(-text.Length);
            Bytes(MemoryMarshal.AsBytes(text));
        }
        else
        {
            Int(text.Length);
            Encoding.Latin1.GetBytes(text, Take(text.Length));
        }
    }

    /// <summary>Room for a count that is known only when all has been written: see <see cref="SetInt" />.</summary>
    public int Reserve()
    {
        Take(4);
        return used - 4;
    }

    public void SetInt(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);

    public Span<byte> Take(int count)
    {
        if (bytes.Length - used < count)
            Grow(count);
        used += count;
        return bytes.AsSpan(used - count, count);
    }

    void Grow(int more)
    {
        long needed = (long)used + more;
        if (needed > BytesMost)
            throw new MarshalException($"is too large: more than {BytesMost} bytes do not cross");
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, bytes.Length * 2L), BytesMost));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
