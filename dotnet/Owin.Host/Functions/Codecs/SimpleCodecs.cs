namespace Owin.Host.Functions.Codecs;

internal sealed class BoolCodec : ValueCodec<bool>
{
    public override bool Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        return tag == ValueTag.True || (tag == ValueTag.False ? false : throw Wrong(ref reader, tag));
    }

    public override void Write(ValueWriter writer, bool value) => writer.Tag(value ? ValueTag.True : ValueTag.False);
}

/// <summary>Nothing: what a method without a result returns, undefined in JavaScript.</summary>
internal sealed class NullCodec<T> : ValueCodec<T>
{
    public override T Read(ref ValueReader reader)
    {
        reader.Skip();
        return default!;
    }

    public override void Write(ValueWriter writer, T value) => writer.Tag(ValueTag.Null);
}

internal sealed class NullableCodec<T> : ValueCodec<T?>
    where T : struct
{
    readonly ValueCodec<T> item = ValueCodecs.Get<T>();

    public override T? Read(ref ValueReader reader)
    {
        if (reader.Peek() != ValueTag.Null)
            return item.Read(ref reader);
        reader.Tag();
        return null;
    }

    public override T? FromText(string text) => item.FromText(text);

    public override void Write(ValueWriter writer, T? value)
    {
        if (value is { } present)
            item.Write(writer, present);
        else
            writer.Tag(ValueTag.Null);
    }
}

/// <summary>A Date counts milliseconds in UTC; what is finer is lost.</summary>
internal sealed class DateTimeCodec : ValueCodec<DateTime>
{
    static readonly double Least = (DateTime.MinValue - DateTime.UnixEpoch).TotalMilliseconds;
    static readonly double Most = (DateTime.MaxValue - DateTime.UnixEpoch).TotalMilliseconds;

    public override DateTime Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag != ValueTag.Date)
            throw Wrong(ref reader, tag);
        return From(reader.Double());
    }

    /// <summary>Of milliseconds since 1970. Throws <see cref="MarshalException" /> for what DateTime cannot hold.</summary>
    public DateTime From(double milliseconds)
    {
        if (!(milliseconds >= Least && milliseconds <= Most))
            throw Wrong("is a Date outside the years 1 to 9999");
        return DateTime.UnixEpoch.AddTicks((long)milliseconds * TimeSpan.TicksPerMillisecond);
    }

    public override void Write(ValueWriter writer, DateTime value)
    {
        var utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
        writer.Tag(ValueTag.Date);
        writer.Double(Math.Floor((utc - DateTime.UnixEpoch).TotalMilliseconds));
    }
}

internal sealed class DateTimeOffsetCodec : ValueCodec<DateTimeOffset>
{
    readonly ValueCodec<DateTime> time = ValueCodecs.Get<DateTime>();

    public override DateTimeOffset Read(ref ValueReader reader) => new(time.Read(ref reader));

    public override void Write(ValueWriter writer, DateTimeOffset value) => time.Write(writer, value.UtcDateTime);
}
