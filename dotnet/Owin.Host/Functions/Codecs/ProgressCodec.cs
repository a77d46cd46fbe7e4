namespace Owin.Host.Functions.Codecs;

/// <summary>Who is told of progress: a function in JavaScript.</summary>
internal sealed class ProgressCodec<T> : ValueCodec<IProgress<T>?>
{
    public override IProgress<T>? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        return tag switch
        {
            ValueTag.Null => null,
            ValueTag.Function => new JsProgress<T>(reader.Functions.Find(reader.Int())),
            _ => throw Wrong(ref reader, tag),
        };
    }

    public override void Write(ValueWriter writer, IProgress<T>? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else
            writer.Hold(ValueTag.Delegate, new BoundFunction((Action<T>)value.Report));
    }
}
