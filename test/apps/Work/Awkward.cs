namespace Acme.Awkward;

/// <summary>Methods whose names mean something in JavaScript, or to owin itself.</summary>
public sealed class Named
{
    public string Call(int value) => $"called {value}";

    public string CallSync() => "called at once";

    public void Then(object resolve, object reject) => throw new InvalidOperationException("awaited");

    public int ValueOf() => 1;

    public override string ToString() => "text of .NET's";
}

/// <summary>An event, and how many listen to it.</summary>
public sealed class Source
{
    public event EventHandler<int>? Raised;

    public int Listeners() => Raised?.GetInvocationList().Length ?? 0;
}
