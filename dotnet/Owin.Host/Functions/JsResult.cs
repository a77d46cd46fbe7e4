namespace Owin.Host.Functions;

/// <summary>
/// What a function of JavaScript's has returned, as bytes. JavaScript keeps the functions in it until .NET has none of
/// them any more, so there is one of each from the beginning: it goes with the result where nobody reads that.
/// </summary>
internal sealed class JsResult(ReadOnlySpan<byte> bytes, JsFunctions functions)
{
    readonly List<JsFunction>? held = functions.IsLasting ? ValueReader.FunctionsIn(bytes, functions) : null;
    readonly byte[] bytes = bytes.ToArray();

    /// <summary>Reads it as a value of that type.</summary>
    public T Read<T>()
    {
        var reader = new ValueReader(bytes, functions, default, functions.Rules);
        var value = ValueCodecs.Get<T>().Read(ref reader, "the result of the function");
        GC.KeepAlive(held);
        return value;
    }
}
