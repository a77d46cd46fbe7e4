using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// One call of a function from JavaScript. It ends once: by <see cref="Return()" />, or by <see cref="Throw" />.
/// <para>Threads: one at a time; whichever completes the function's Task ends it.</para>
/// </summary>
internal abstract class FunctionCall(JsEnvironment environment, BoundFunction function, int target, int argumentCount)
{
    public JsEnvironment Environment => environment;
    public BoundFunction Function => function;

    /// <summary>The object that it is called on; null: JavaScript has named none.</summary>
    public object? Target => target == 0 || function.Delegate != null ? null : environment.Objects.Get(target);
    public int ArgumentCount => argumentCount;

    /// <summary>Cancelled when the call is aborted, or nobody can wait for it any more.</summary>
    public abstract CancellationToken Cancellation { get; }

    /// <summary>The function that wants to hear of its progress; null: none does.</summary>
    public JsFunction? ProgressFunction { get; protected set; }

    /// <summary>What the method reports its progress to.</summary>
    public object? Progress { get; set; }

    /// <summary>Ends it without a result.</summary>
    public void Return() => End(default);

    /// <summary>Ends it with a result. Throws for one that cannot cross; the call has not ended then.</summary>
    public void Return<T>(T value)
    {
        using var writer = ValueWriter.Rent(function.Rules, environment);
        writer.Lender = environment.Lent;
        ValueCodecs.Get<T>().Write(writer, value, "$");
        End(writer.Written);
    }

    /// <summary>Ends it with what it has failed with.</summary>
    public abstract void Throw(Exception error);

    /// <summary>Ends it with a value that has been written; an empty one is none.</summary>
    protected abstract void End(ReadOnlySpan<byte> result);
}
