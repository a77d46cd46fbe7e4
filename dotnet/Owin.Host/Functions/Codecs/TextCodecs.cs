using System.Globalization;

namespace Owin.Host.Functions.Codecs;

/// <summary>Values that are texts in JavaScript.</summary>
internal abstract class TextCodec<T> : ValueCodec<T>
{
    public override T Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag == ValueTag.String)
        {
            var text = reader.Text();
            return TryParse(text, out var value) ? value : throw Wrong($"is the string {MarshalException.Quote(text)}");
        }
        return tag == ValueTag.Null && default(T) == null ? default! : throw Wrong(ref reader, tag);
    }

    public override T FromText(string text) => TryParse(text, out var value) ? value : base.FromText(text);

    public override void Write(ValueWriter writer, T value)
    {
        if (value == null)
        {
            writer.Tag(ValueTag.Null);
            return;
        }
        writer.Tag(ValueTag.String);
        writer.Text(Show(value));
    }

    protected abstract bool TryParse(string text, out T value);

    protected abstract string Show(T value);
}

internal sealed class StringCodec : TextCodec<string?>
{
    protected override bool TryParse(string text, out string? value) => (value = text) != null;

    protected override string Show(string? value) => value!;
}

internal sealed class CharCodec : TextCodec<char>
{
    protected override string Expected => "a single char";

    protected override bool TryParse(string text, out char value)
    {
        value = text.Length == 1 ? text[0] : '\0';
        return text.Length == 1;
    }

    protected override string Show(char value) => value.ToString();
}

internal sealed class GuidCodec : TextCodec<Guid>
{
    protected override bool TryParse(string text, out Guid value) => Guid.TryParse(text, out value);

    protected override string Show(Guid value) => value.ToString();
}

internal sealed class UriCodec : TextCodec<Uri?>
{
    protected override bool TryParse(string text, out Uri? value) =>
        Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out value);

    protected override string Show(Uri? value) => value!.OriginalString;
}

internal sealed class VersionCodec : TextCodec<Version?>
{
    protected override bool TryParse(string text, out Version? value) => Version.TryParse(text, out value);

    protected override string Show(Version? value) => value!.ToString();
}

internal sealed class DateOnlyCodec : TextCodec<DateOnly>
{
    protected override string Expected => "a DateOnly (yyyy-MM-dd)";

    protected override bool TryParse(string text, out DateOnly value) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    protected override string Show(DateOnly value) => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

internal sealed class TimeOnlyCodec : TextCodec<TimeOnly>
{
    static readonly string[] Formats = ["HH:mm:ss.FFFFFFF", "HH:mm"];

    protected override string Expected => "a TimeOnly (HH:mm:ss.fffffff)";

    protected override bool TryParse(string text, out TimeOnly value) =>
        TimeOnly.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    protected override string Show(TimeOnly value) => value.ToString(Formats[0], CultureInfo.InvariantCulture);
}

internal sealed class TimeSpanCodec : TextCodec<TimeSpan>
{
    protected override string Expected => "a TimeSpan (ISO 8601: P1DT2H3M4.5S)";

    protected override bool TryParse(string text, out TimeSpan value) => Iso8601.TryParse(text, out value);

    protected override string Show(TimeSpan value) => Iso8601.Show(value);
}

/// <summary>Enums: the name, as .NET shows it (<c>Read, Write</c> for flags); a number is taken, and given where no name fits.</summary>
internal sealed class EnumCodec<T> : ValueCodec<T>
    where T : struct, Enum
{
    readonly ValueCodec number = ValueCodecs.Get(Enum.GetUnderlyingType(typeof(T)));

    protected override string Expected => $"{base.Expected} ({string.Join(", ", Enum.GetNames<T>().Take(20))})";

    public override T Read(ref ValueReader reader)
    {
        switch (reader.Peek())
        {
            case ValueTag.String:
                reader.Tag();
                var text = reader.Text();
                return Parse(text) ?? throw Wrong($"is the string {MarshalException.Quote(text)}");
            case ValueTag.Int or ValueTag.Double or ValueTag.Long or ValueTag.ULong:
                return (T)Enum.ToObject(typeof(T), number.ReadObject(ref reader)!);
            default:
                throw Wrong(ref reader, reader.Tag());
        }
    }

    public override T FromText(string text) => Parse(text) ?? base.FromText(text);

    public override void Write(ValueWriter writer, T value)
    {
        var name = value.ToString();
        if (char.IsAsciiDigit(name[0]) || name[0] == '-')
        {
            number.WriteObject(writer, Convert.ChangeType(value, number.Type, CultureInfo.InvariantCulture));
            return;
        }
        writer.Tag(ValueTag.String);
        writer.Text(name);
    }

    // Enum.TryParse takes numbers as texts.
    static T? Parse(string text) =>
        text.Length > 0
        && !char.IsAsciiDigit(text[0])
        && text[0] is not ('-' or '+')
        && (Enum.TryParse<T>(text, out var value) || Enum.TryParse(text, true, out value))
            ? value
            : null;
}
