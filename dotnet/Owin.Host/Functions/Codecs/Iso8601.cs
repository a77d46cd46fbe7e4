using System.Globalization;
using System.Text;

namespace Owin.Host.Functions.Codecs;

/// <summary>Durations as ISO 8601 writes them: <c>P1DT2H3M4.5S</c>, with a sign before it where it is negative.</summary>
internal static class Iso8601
{
    public static string Show(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return "PT0S";
        // Not Negate: the smallest has no opposite.
        ulong ticks = value.Ticks < 0 ? (ulong)-value.Ticks : (ulong)value.Ticks;
        var text = new StringBuilder(value.Ticks < 0 ? "-P" : "P");
        Add(ticks / TimeSpan.TicksPerDay, 'D');
        ticks %= TimeSpan.TicksPerDay;
        if (ticks == 0)
            return text.ToString();
        text.Append('T');
        Add(ticks / TimeSpan.TicksPerHour, 'H');
        Add(ticks / TimeSpan.TicksPerMinute % 60, 'M');
        ticks %= TimeSpan.TicksPerMinute;
        if (ticks > 0)
            text.Append(((decimal)ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture))
                .Append('S');
        return text.ToString();

        void Add(ulong number, char unit)
        {
            if (number > 0)
                text.Append(number).Append(unit);
        }
    }

    /// <summary>Years and months are refused: nobody knows how long they are.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var rest = text.AsSpan();
        bool negative = rest.StartsWith("-");
        if (negative)
            rest = rest[1..];
        if (!rest.StartsWith("P") || rest.Length < 3 || rest.EndsWith("T"))
            return false;
        rest = rest[1..];
        var units = "WDHMS";
        bool time = false;
        decimal ticks = 0;
        while (!rest.IsEmpty)
        {
            if (rest[0] == 'T' && !time)
            {
                time = true;
                units = "HMS";
                rest = rest[1..];
                continue;
            }
            int end = rest.IndexOfAnyExcept("0123456789.");
            int unit = end <= 0 ? -1 : units.IndexOf(rest[end]);
            if (
                unit < 0
                || time != (rest[end] is 'H' or 'M' or 'S')
                || !decimal.TryParse(
                    rest[..end],
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var n
                )
                || n > TimeSpan.MaxValue.Ticks
            )
                return false;
            ticks += n * Ticks(rest[end]);
            units = units[(unit + 1)..];
            rest = rest[(end + 1)..];
        }
        ticks = decimal.Truncate(negative ? -ticks : ticks);
        if (ticks < long.MinValue || ticks > long.MaxValue)
            return false;
        value = new((long)ticks);
        return true;
    }

    static long Ticks(char unit) =>
        unit switch
        {
            'W' => 7 * TimeSpan.TicksPerDay,
            'D' => TimeSpan.TicksPerDay,
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            _ => TimeSpan.TicksPerSecond,
        };
}
