namespace Owin.Host.Functions;

/// <summary>
/// <c>Namespace.Type.Method</c>, with or without the types of its parameters, taken apart. A constructor is
/// <c>Namespace.Type.new</c>.
/// </summary>
internal sealed record FunctionName(string Type, string Method, string[]? Parameters)
{
    /// <summary>Names the constructors of a type.</summary>
    public const string Constructor = "new";

    /// <summary>Throws where it names no method.</summary>
    public static FunctionName Parse(string name)
    {
        int open = name.IndexOf('(', StringComparison.Ordinal);
        var path = (open < 0 ? name : name[..open]).Trim();
        int dot = path.LastIndexOf('.');
        if (dot <= 0 || dot == path.Length - 1 || open >= 0 && !name.TrimEnd().EndsWith(')'))
            throw new OwinException(
                ErrorCodes.FunctionNotFound,
                $"'{name}' names no method: it takes Namespace.Type.Method, or Namespace.Type.Method(string, int) where "
                    + "there are several of that name."
            );
        var parameters = open < 0 ? null : name.TrimEnd()[(open + 1)..^1];
        return new(path[..dot], path[(dot + 1)..], parameters == null ? null : Split(parameters));
    }

    // Commas of type arguments separate no parameters.
    static string[] Split(string list)
    {
        var parts = new List<string>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < list.Length; i++)
        {
            if (list[i] is '<' or '[')
                depth++;
            else if (list[i] is '>' or ']')
                depth--;
            else if (list[i] == ',' && depth == 0)
            {
                parts.Add(list[start..i]);
                start = i + 1;
            }
        }
        if (parts.Count > 0 || list.Trim().Length > 0)
            parts.Add(list[start..]);
        return [.. parts.Select(each => each.Replace(" ", "", StringComparison.Ordinal))];
    }
}
