using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Owin.Host.Functions;

/// <summary>
/// Reads the values that src/functions/value-writer.ts writes: an integral number as int where it fits, else as long;
/// other numbers as double; a Date as a DateTime in UTC; bytes as <c>byte[]</c>; lists as <c>List&lt;object&gt;</c>;
/// objects as <c>Dictionary&lt;string, object&gt;</c>; a function as <c>Func&lt;object, Task&lt;object&gt;&gt;</c>.
/// </summary>
internal ref struct ValueReader(ReadOnlySpan<byte> bytes, JsFunctions functions)
{
    // What value-writer.ts writes is less deep.
    const int DepthMost = 100;

    ReadOnlySpan<byte> rest = bytes;
    int depth;

    public static object? Read(ReadOnlySpan<byte> bytes, JsFunctions functions) =>
        new ValueReader(bytes, functions).Read();

    public readonly bool PeekIsList => (ValueTag)rest[0] == ValueTag.List;

    public object? Read()
    {
        var tag = (ValueTag)Take(1)[0];
        switch (tag)
        {
            case ValueTag.Null:
                return null;
            case ValueTag.False:
                return false;
            case ValueTag.True:
                return true;
            case ValueTag.Int:
                return Int();
            case ValueTag.Long:
                return BinaryPrimitives.ReadInt64LittleEndian(Take(8));
            case ValueTag.Double:
                return Double();
            case ValueTag.String:
                return Text();
            case ValueTag.Date:
                return DateTime.UnixEpoch.AddMilliseconds(Double());
            case ValueTag.Bytes:
                return Take(Int()).ToArray();
            case ValueTag.List:
                return List();
            case ValueTag.Dictionary:
                return Dictionary();
            case ValueTag.Function:
                return functions.Get(Int());
            default:
                throw new OwinException(ErrorCodes.Protocol, $"JavaScript sent a value of the kind {tag}.");
        }
    }

    List<object> List()
    {
        Enter();
        var list = new List<object>();
        for (int left = Int(); left > 0; left--)
            list.Add(Read()!);
        depth--;
        return list;
    }

    Dictionary<string, object> Dictionary()
    {
        Enter();
        var dictionary = new Dictionary<string, object>(StringComparer.Ordinal);
        for (int left = Int(); left > 0; left--)
        {
            var name = Text();
            dictionary[name] = Read()!;
        }
        depth--;
        return dictionary;
    }

    // An overflow of the stack would end the process.
    void Enter()
    {
        if (++depth > DepthMost)
            throw new OwinException(ErrorCodes.Protocol, $"JavaScript sent a value more than {DepthMost} lists deep.");
    }

    string Text() => new(MemoryMarshal.Cast<byte, char>(Take(Int())));

    int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    ReadOnlySpan<byte> Take(int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
