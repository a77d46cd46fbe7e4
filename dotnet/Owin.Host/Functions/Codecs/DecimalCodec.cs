using System.Globalization;

namespace Owin.Host.Functions.Codecs;

/// <summary>decimal: a text, since a number has not its digits; a number is taken as well.</summary>
internal sealed class DecimalCodec : ValueCodec<decimal>
{
    public override decimal Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        switch (tag)
        {
            case ValueTag.Int:
                return reader.Int();
            case ValueTag.Long:
                return reader.Long();
            case ValueTag.ULong:
                return (ulong)reader.Long();
            case ValueTag.Double:
                double number = reader.Double();
                return Exactly(number) ?? throw Wrong($"is {number.ToString(CultureInfo.InvariantCulture)}");
            case ValueTag.String:
                var text = reader.Text();
                return Parse(text) ?? throw Wrong($"is the string {MarshalException.Quote(text)}");
            default:
                throw Wrong(ref reader, tag);
        }
    }

    public override decimal FromText(string text) => Parse(text) ?? base.FromText(text);

    public override void Write(ValueWriter writer, decimal value)
    {
        writer.Tag(ValueTag.String);
        writer.Text(value.ToString(CultureInfo.InvariantCulture));
    }

    // The digits that JavaScript shows: a cast would keep 15 of them.
    static decimal? Exactly(double number) =>
        Parse(number.ToString("R", CultureInfo.InvariantCulture)) is { } value
        && double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) == number
            ? value
            : null;

    // Null: it is no number, or not one that a decimal holds with all of its digits.
    static decimal? Parse(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && (IsShort(text) || Digits(text) == Digits(value.ToString(CultureInfo.InvariantCulture)))
            ? value
            : null;

    static bool IsShort(string text) => text.Length <= 28 && text.AsSpan().IndexOfAny('e', 'E') < 0;

    // The number as sign, digits and power of ten, in one way for all ways to write it.
    static (bool Negative, string Digits, long Power) Digits(string text)
    {
        text = text.Trim();
        int end = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = end < 0 ? text : text[..end];
        long power = end < 0 ? 0 : (long)double.Parse(text[(end + 1)..], CultureInfo.InvariantCulture);
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
            power -= mantissa.Length - point - 1;
        var digits = mantissa.Trim('+', '-').Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        return significant.Length == 0
            ? (false, "", 0)
            : (mantissa[0] == '-', significant, power + digits.Length - significant.Length);
    }
}
