namespace Owin.Host.Functions;

/// <summary>What a function of JavaScript's threw, or its promise was rejected with.</summary>
public sealed class JsException : Exception
{
    internal JsException(IDictionary<string, object> fields)
        : base(Text(fields, "message"))
    {
        Name = Text(fields, "name");
        Code = Text(fields, "code");
        JsStack = Text(fields, "stack");
    }

    /// <summary>The error's name, <c>TypeError</c> for one.</summary>
    public string Name { get; }

    /// <summary>The error's code; empty: it has none.</summary>
    public string Code { get; }

    /// <summary>The stack as JavaScript has it.</summary>
    public string JsStack { get; }

    /// <summary>JavaScript's stack, then that of .NET.</summary>
    public override string StackTrace => $"{JsStack}\n{base.StackTrace}";

    static string Text(IDictionary<string, object> fields, string name) =>
        fields.TryGetValue(name, out var value) ? (value as string ?? "") : "";
}
