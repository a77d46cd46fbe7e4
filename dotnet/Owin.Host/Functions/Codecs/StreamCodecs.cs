using System.Reflection;

namespace Owin.Host.Functions.Codecs;

/// <summary>Async iterables, both ways: whoever reads asks for the next ones, so nobody is ahead of its reader.</summary>
internal sealed class AsyncEnumerableCodec<T> : ValueCodec<IAsyncEnumerable<T>?>
{
    protected override string Expected => "an async iterable";

    public override IAsyncEnumerable<T>? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        return tag switch
        {
            ValueTag.Null => null,
            ValueTag.Stream => JsIterable.Read<T>(reader.Functions.Find(reader.Int())),
            _ => throw Wrong(ref reader, tag),
        };
    }

    public override void Write(ValueWriter writer, IAsyncEnumerable<T>? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else
            writer.Hold(ValueTag.Source, new NetIterable<T>(value).Function);
    }
}

/// <summary>A class that is an async iterable; it is not read.</summary>
internal sealed class AsyncEnumerableCodec<TIterable, T> : ValueCodec<TIterable?>
    where TIterable : IAsyncEnumerable<T>
{
    readonly AsyncEnumerableCodec<T> iterables = new();

    public override TIterable? Read(ref ValueReader reader) =>
        reader.Peek() == ValueTag.Null
            ? (TIterable?)(object?)iterables.Read(ref reader)
            : throw Wrong(ref reader, reader.Tag());

    public override void Write(ValueWriter writer, TIterable? value) => iterables.Write(writer, value);
}

/// <summary>Streams of bytes: async iterables of Buffers in JavaScript. Bytes that are there are taken as well.</summary>
internal sealed class StreamCodec<T> : ValueCodec<T?>
    where T : Stream
{
    protected override string Expected => "a stream or bytes";

    public override T? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        Stream? stream = tag switch
        {
            ValueTag.Null => null,
            ValueTag.Stream => new JsByteStream(JsIterable.Read<byte[]>(reader.Functions.Find(reader.Int()))),
            _ => Memory(ref reader, tag),
        };
        return stream as T ?? (stream == null ? null : throw Wrong("is a stream"));
    }

    public override void Write(ValueWriter writer, T? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else
            writer.Hold(ValueTag.ByteSource, new NetIterable<ReadOnlyMemory<byte>>(Chunks(value), value).Function);
    }

    MemoryStream Memory(ref ValueReader reader, ValueTag tag)
    {
        if (tag == ValueTag.List || !Items.TryBegin(ref reader, tag, out var items) || !items.Are<byte>())
            throw Wrong(ref reader, tag);
        var bytes = items.NewArray<byte>();
        items.Fill(ref reader, bytes, ValueCodecs.Get<byte>());
        return new(bytes, writable: false);
    }

    /// <summary>The bytes of a stream, which is disposed of at their end.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks(Stream stream)
    {
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[64 * 1024];
            int length;
            while ((length = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                yield return buffer.AsMemory(0, length);
        }
    }
}

/// <summary>
/// A PipeReader, as the stream it can be: its library belongs to newer versions of .NET and to ASP.NET Core, so nothing
/// here names it.
/// </summary>
internal sealed class PipeReaderCodec<T> : ValueCodec<T?>
    where T : class
{
    static readonly MethodInfo Create = typeof(T)
        .GetMethods()
        .First(each => each.Name == "Create" && each.GetParameters()[0].ParameterType == typeof(Stream));
    static readonly MethodInfo AsStream = typeof(T).GetMethod("AsStream")!;

    readonly StreamCodec<Stream> streams = new();

    public override T? Read(ref ValueReader reader) =>
        streams.Read(ref reader) is { } stream ? (T?)Create.Invoke(null, [stream, null]) : null;

    public override void Write(ValueWriter writer, T? value) =>
        streams.Write(writer, (Stream?)(value == null ? null : AsStream.Invoke(value, [false])));
}
