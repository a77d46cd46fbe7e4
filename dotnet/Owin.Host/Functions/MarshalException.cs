using System.Text;

namespace Owin.Host.Functions;

/// <summary>
/// A value that cannot cross. The path to it grows from the inside out: whoever reads or writes a part of a value has
/// an exception filter that names the part, so it costs nothing while nothing fails.
/// </summary>
/// <param name="what">What the value is, after its path.</param>
/// <param name="cause">What threw.</param>
/// <param name="depth">How much of the path is said.</param>
internal sealed class MarshalException(string what, Exception? cause = null, int depth = int.MaxValue)
    : Exception(what, cause)
{
    readonly List<string> path = [];

    /// <summary>For the filter around a property; always false.</summary>
    public bool In(string name)
    {
        path.Add("." + name);
        return false;
    }

    /// <summary>For the filter around an element; always false.</summary>
    public bool At(int index)
    {
        path.Add($"[{index}]");
        return false;
    }

    /// <summary>The same with the whole path, which begins with <paramref name="root" />.</summary>
    public OwinException From(string root)
    {
        var parts = Enumerable.Reverse(path).Take(depth);
        return new(ErrorCodes.Marshal, $"{root}{string.Concat(parts)} {Message}.", InnerException);
    }

    /// <summary>A text in quotes, cut where it is long.</summary>
    public static string Quote(string text)
    {
        var shown = new StringBuilder("'");
        foreach (char each in text.AsSpan(0, Math.Min(text.Length, 40)))
            shown.Append(char.IsControl(each) || char.IsSurrogate(each) ? '?' : each);
        return shown.Append(text.Length > 40 ? "…'" : "'").ToString();
    }
}
