namespace Owin.Host.Functions.Codecs;

/// <summary>Types whose values cannot cross.</summary>
internal sealed class UnsupportedCodec<T> : ValueCodec<T>
{
    public override T Read(ref ValueReader reader) =>
        reader.Peek() == ValueTag.Null && default(T) == null
            ? Skipped(ref reader)
            : throw Wrong("is " + ValueDescription.Of(ref reader, reader.Tag()), null);

    public override void Write(ValueWriter writer, T value)
    {
        if (value != null)
            throw new MarshalException($"is a {value.GetType()}, which cannot cross to JavaScript");
        writer.Tag(ValueTag.Null);
    }

    protected override string Expected => $"{base.Expected}, which cannot cross from JavaScript";

    static T Skipped(ref ValueReader reader)
    {
        reader.Tag();
        return default!;
    }
}
