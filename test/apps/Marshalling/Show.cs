using System.Collections;
using System.Globalization;

namespace Marshalling;

/// Values as text.
static class Show
{
    public static string Plain(object? value) =>
        value switch
        {
            null => "null",
            string text => text,
            Uri uri => uri.OriginalString,
            DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
            DateOnly date => date.ToString("O", CultureInfo.InvariantCulture),
            TimeOnly time => time.ToString("O", CultureInfo.InvariantCulture),
            IDictionary map => $"{{{string.Join(", ", Entries(map, Plain))}}}",
            IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Plain))}]",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    /// The same with the types.
    public static string Typed(object? value) =>
        value switch
        {
            null => "null",
            byte[] or float[] => $"{value.GetType().Name} {Plain(value)}",
            IDictionary map => $"{Name(value)} {{{string.Join(", ", Entries(map, Typed))}}}",
            IEnumerable list and not string =>
                $"{Name(value)} [{string.Join(", ", list.Cast<object?>().Select(Typed))}]",
            _ => $"{value.GetType().Name} {Plain(value)}",
        };

    static string Name(object value) =>
        $"{value.GetType().Name.Split('`')[0]}<{string.Join(", ", value.GetType().GetGenericArguments().Select(each => each.Name))}>";

    static IEnumerable<string> Entries(IDictionary map, Func<object?, string> show)
    {
        foreach (DictionaryEntry entry in map)
            yield return $"{entry.Key}: {show(entry.Value)}";
    }
}
