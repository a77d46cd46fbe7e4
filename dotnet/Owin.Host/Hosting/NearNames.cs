namespace Owin.Host.Hosting;

/// <summary>What messages say about names that were there instead of the one looked for.</summary>
internal static class NearNames
{
    const int Shown = 20;

    /// <summary>" Did you mean X?", or nothing where no name is near.</summary>
    public static string Suggest(string wanted, IEnumerable<string> names)
    {
        var near = names.MinBy(name => Distance(wanted, name));
        return near != null && Distance(wanted, near) <= Math.Max(2, wanted.Length / 3) ? $" Did you mean {near}?" : "";
    }

    /// <summary>The first names of many: "A, B, C and 12 more".</summary>
    public static string List(IReadOnlyCollection<string> names)
    {
        var shown = string.Join(", ", names.Order(StringComparer.Ordinal).Take(Shown));
        return names.Count > Shown ? $"{shown} and {names.Count - Shown} more" : shown;
    }

    // Levenshtein's, without regard to case.
    static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var same = char.ToUpperInvariant(left[i]) == char.ToUpperInvariant(right[j]);
                var replaced = previous[j] + (same ? 0 : 1);
                current[j + 1] = Math.Min(replaced, Math.Min(previous[j + 1], current[j]) + 1);
            }
            previous = current;
        }
        return previous[^1];
    }
}
