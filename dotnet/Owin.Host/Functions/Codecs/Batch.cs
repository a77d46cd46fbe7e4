namespace Owin.Host.Functions.Codecs;

/// <summary>Items of a stream that cross together, and whether they are the last.</summary>
internal sealed record Batch<T>(bool IsLast, IReadOnlyList<T> Items);

/// <summary>A list: whether it is the last, then the items.</summary>
internal sealed class BatchCodec<T> : ValueCodec<Batch<T>>
{
    readonly ValueCodec<T> item = ValueCodecs.Get<T>();

    public override Batch<T> Read(ref ValueReader reader)
    {
        if (reader.Tag() != ValueTag.List)
            throw new OwinException(ErrorCodes.Protocol, "JavaScript sent no batch of a stream.");
        int count = reader.Count() - 1;
        bool last = reader.Tag() == ValueTag.True;
        var items = new T[count];
        for (int i = 0; i < count; i++)
            items[i] = item.Read(ref reader);
        return new(last, items);
    }

    public override void Write(ValueWriter writer, Batch<T> value)
    {
        writer.Tag(ValueTag.List);
        writer.Int(value.Items.Count + 1);
        writer.Tag(value.IsLast ? ValueTag.True : ValueTag.False);
        foreach (var each in value.Items)
            item.Write(writer, each);
    }
}
