namespace Owin.Host.Functions.Codecs;

/// <summary>An AbortSignal of JavaScript's as a token, and a token as an AbortSignal.</summary>
internal sealed class CancellationTokenCodec : ValueCodec<CancellationToken>
{
    public override CancellationToken Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        return tag switch
        {
            ValueTag.Null => CancellationToken.None,
            ValueTag.Signal => JsSignal.Of(reader.Functions.Find(reader.Int())),
            _ => throw Wrong(ref reader, tag),
        };
    }

    public override void Write(ValueWriter writer, CancellationToken value)
    {
        if (value.CanBeCanceled)
            writer.Hold(ValueTag.Signal, new NetSignal(value).Function);
        else
            writer.Tag(ValueTag.Null);
    }
}
