using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Owin.Host.Functions;

/// <summary>
/// A cursor over values that src/functions/value-writer.ts has written. A <see cref="ValueCodec{T}" /> reads one value
/// of a type from it; <see cref="Read(ReadOnlySpan{byte}, JsFunctions)" /> one that declares none.
/// <para>Bytes that are no values throw ArgumentException or <see cref="OwinException" />.</para>
/// </summary>
/// <param name="bytes">Values, one behind the other.</param>
/// <param name="functions">Whose functions the values hold.</param>
/// <param name="buffers">The large buffers that the values refer to.</param>
/// <param name="rules">What is read where no type is declared.</param>
internal ref struct ValueReader(
    ReadOnlySpan<byte> bytes,
    JsFunctions? functions,
    ReadOnlySpan<JsBuffer> buffers = default,
    ValueRules rules = ValueRules.None
)
{
    // What value-writer.ts writes is less deep.
    const int DepthMost = 100;

    readonly ReadOnlySpan<JsBuffer> buffers = buffers;
    ReadOnlySpan<byte> rest = bytes;
    int depth;
    List<JsFunction>? found;

    public readonly bool Ended => rest.IsEmpty;

    public readonly ValueRules Rules => rules;

    /// <summary>Whose functions these are.</summary>
    public readonly JsFunctions Functions =>
        functions ?? throw new OwinException(ErrorCodes.Protocol, "A function has come where there can be none.");

    /// <summary>
    /// The functions in values. JavaScript keeps them until .NET has none of them any more, so there must be one of each
    /// even where a value cannot be read.
    /// </summary>
    public static List<JsFunction> FunctionsIn(ReadOnlySpan<byte> bytes, JsFunctions functions)
    {
        var reader = new ValueReader(bytes, functions) { found = [] };
        while (!reader.Ended)
            reader.Skip();
        return reader.found;
    }

    /// <summary>A value of no declared type, by the rules of <c>req.owin</c>.</summary>
    public static object? Read(ReadOnlySpan<byte> bytes, JsFunctions functions)
    {
        var reader = new ValueReader(bytes, functions, default, ValueRules.Integers);
        return ValueCodecs.Object.Read(ref reader, "value");
    }

    /// <summary>What the next value is, and goes past that.</summary>
    public ValueTag Tag() => (ValueTag)Take(1)[0];

    /// <summary>What the next value is.</summary>
    public readonly ValueTag Peek() => (ValueTag)rest[0];

    /// <summary>Whether a list comes next, or what is taken for one.</summary>
    public readonly bool PeekIsList =>
        Peek()
            is ValueTag.List
                or ValueTag.Set
                or ValueTag.Bytes
                or ValueTag.BytesBuffer
                or ValueTag.Array
                or ValueTag.ArrayBuffer;

    /// <summary>The next byte, which stays the next.</summary>
    public readonly byte NextByte() => rest[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public BigInteger BigInt() => new(Take(Int()));

    /// <summary>A text without its tag.</summary>
    public string Text()
    {
        int length = Int();
        return length >= 0
            ? Encoding.Latin1.GetString(Take(length))
            : new(MemoryMarshal.Cast<byte, char>(Take(checked(-length * 2))));
    }

    /// <summary>Goes past the next bytes if they are these.</summary>
    public bool Skip(ReadOnlySpan<byte> expected)
    {
        if (!rest.StartsWith(expected))
            return false;
        rest = rest[expected.Length..];
        return true;
    }

    /// <summary>How many values follow, each of at least one byte.</summary>
    public int Count()
    {
        int count = Int();
        return (uint)count <= (uint)rest.Length
            ? count
            : throw new OwinException(ErrorCodes.Protocol, $"{rest.Length} bytes cannot hold {count} values.");
    }

    /// <summary>The bytes of a large buffer, copied once, to where they are wanted.</summary>
    public readonly void Copy(int buffer, Span<byte> target)
    {
        var source = buffers[buffer];
        if (source.Length != target.Length)
            throw new MarshalException("has been detached since it was given");
        unsafe
        {
            if (!Bridge.Copy(Functions.Environment.Id, source.Data, target))
                throw new OwinException(ErrorCodes.EnvironmentClosed, "The environment of the buffer has closed.");
        }
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    // An overflow of the stack would end the process.
    public void Enter()
    {
        if (++depth > DepthMost)
            throw new MarshalException($"is {DepthMost} lists and objects deep");
    }

    public void Leave() => depth--;

    /// <summary>Goes past the next value, whatever it is.</summary>
    public void Skip()
    {
        switch (Tag())
        {
            case ValueTag.Int or ValueTag.Delegate:
                Take(4);
                break;
            case ValueTag.Function or ValueTag.Stream or ValueTag.Signal or ValueTag.Promise:
                int number = Int();
                found?.Add(Functions.Find(number));
                break;
            case ValueTag.Long or ValueTag.ULong or ValueTag.Double or ValueTag.Date:
                Take(8);
                break;
            case ValueTag.String:
                SkipText();
                break;
            case ValueTag.Bytes or ValueTag.BigInt:
                Take(Int());
                break;
            case ValueTag.BytesBuffer:
                Take(8);
                break;
            case ValueTag.Array:
                Take(checked(ElementKinds.Size((ElementKind)Take(1)[0]) * Int()));
                break;
            case ValueTag.ArrayBuffer:
                Take(9);
                break;
            case ValueTag.List or ValueTag.Set:
                SkipMany(1, false);
                break;
            case ValueTag.Dictionary:
                SkipMany(1, true);
                break;
            case ValueTag.Map:
                SkipMany(2, false);
                break;
        }
    }

    void SkipMany(int values, bool named)
    {
        Enter();
        for (int left = Count(); left > 0; left--)
        {
            if (named)
                SkipText();
            for (int i = 0; i < values; i++)
                Skip();
        }
        Leave();
    }

    void SkipText()
    {
        int length = Int();
        Take(length >= 0 ? length : checked(-length * 2));
    }
}
