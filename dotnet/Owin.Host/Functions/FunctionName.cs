namespace Owin.Host.Functions;

/// <summary>
/// <c>Namespace.Type.Method</c>, with or without type arguments and the types of its parameters, taken apart. A constructor
/// is <c>Namespace.Type.new</c>.
/// </summary>
internal sealed record FunctionName(string Type, string Method, string[]? TypeArguments, string[]? Parameters)
{
    /// <summary>Names the constructors of a type.</summary>
    public const string Constructor = "new";

    /// <summary>Throws where it names no method.</summary>
    public static FunctionName Parse(string name)
    {
        int open = name.IndexOf('(', StringComparison.Ordinal);
        var path = (open < 0 ? name : name[..open]).Trim();
        int dot = LastDot(path);
        if (dot <= 0 || dot == path.Length - 1 || open >= 0 && !name.TrimEnd().EndsWith(')'))
            throw NoName(name);
        var parameters = open < 0 ? null : Split(name.TrimEnd()[(open + 1)..^1]);
        var method = path[(dot + 1)..];
        int angle = method.IndexOf('<', StringComparison.Ordinal);
        var arguments = angle < 0 ? null : Split(method[(angle + 1)..End(method, angle)]);
        return new(path[..dot], angle < 0 ? method : method[..angle], arguments, parameters);
    }

    /// <summary>The parts of a list without blanks. Commas of type arguments separate none.</summary>
    public static string[] Split(string list)
    {
        var parts = new List<string>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < list.Length; i++)
        {
            depth += Step(list[i]);
            if (list[i] == ',' && depth == 0)
            {
                parts.Add(list[start..i]);
                start = i + 1;
            }
        }
        if (parts.Count > 0 || list.Trim().Length > 0)
            parts.Add(list[start..]);
        return [.. parts.Select(each => each.Replace(" ", "", StringComparison.Ordinal))];
    }

    /// <summary>Where the type arguments end that begin there. Throws where they do not.</summary>
    public static int End(string name, int begin)
    {
        int depth = 0;
        for (int i = begin; i < name.Length; i++)
        {
            depth += Step(name[i]);
            if (depth == 0)
                return i;
        }
        throw NoName(name);
    }

    // Not one of type arguments.
    static int LastDot(string path)
    {
        int depth = 0;
        for (int i = path.Length - 1; i >= 0; i--)
        {
            depth += Step(path[i]);
            if (path[i] == '.' && depth == 0)
                return i;
        }
        return -1;
    }

    static int Step(char each) =>
        each is '<' or '[' ? 1
        : each is '>' or ']' ? -1
        : 0;

    static OwinException NoName(string name) =>
        new(
            ErrorCodes.FunctionNotFound,
            $"'{name}' names no method: it takes Namespace.Type.Method, or Namespace.Type.Method(string, int) where "
                + "there are several of that name, with type arguments where a type or method is generic: "
                + "Namespace.Type<int>.Method<string>."
        );
}
