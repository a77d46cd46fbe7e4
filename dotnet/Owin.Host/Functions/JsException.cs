using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// What a function of JavaScript's threw, or its promise was rejected with. JavaScript keeps that for as long as this
/// exists: where it crosses back, it is the original.
/// </summary>
public sealed class JsException : Exception
{
    readonly ulong environment;
    readonly int number;

    internal JsException(IDictionary<string, object> fields, ulong environment)
        : base(Text(fields, "message"))
    {
        this.environment = environment;
        number = fields.TryGetValue("number", out var kept) && kept is int value ? value : 0;
        Name = Text(fields, "name");
        Code = Text(fields, "code");
        JsStack = Text(fields, "stack");
    }

    ~JsException()
    {
        if (number != 0)
            FrameWriter.ReleaseFunction(environment, number);
    }

    /// <summary>The error's name, <c>TypeError</c> for one.</summary>
    public string Name { get; }

    /// <summary>The error's code; empty: it has none.</summary>
    public string Code { get; }

    /// <summary>The stack as JavaScript has it.</summary>
    public string JsStack { get; }

    /// <summary>JavaScript's stack, then that of .NET.</summary>
    public override string StackTrace => $"{JsStack}\n{base.StackTrace}";

    /// <summary>What that environment keeps it as; 0: it is another one's.</summary>
    internal int NumberIn(ulong environment) => environment == this.environment ? number : 0;

    static string Text(IDictionary<string, object> fields, string name) =>
        fields.TryGetValue(name, out var value) ? (value as string ?? "") : "";
}
