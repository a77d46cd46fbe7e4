namespace Owin.Host.Functions;

/// <summary>
/// An AbortSignal of JavaScript's, behind a function whose promise resolves when it is aborted.
/// <para>Threads: any. Whoever has the token keeps it; what waits for JavaScript does not.</para>
/// </summary>
internal sealed class JsSignal : CancellationTokenSource
{
    readonly JsFunction aborted;

    JsSignal(JsFunction aborted) => this.aborted = aborted;

    public static CancellationToken Of(JsFunction aborted)
    {
        var signal = new JsSignal(aborted);
        _ = Wait(aborted.Functions.Begin(aborted.Number, []), new(signal));
        return signal.Token;
    }

    static async Task Wait(Task aborted, WeakReference<JsSignal> reference)
    {
        try
        {
            await aborted.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The environment has closed: nobody wants the result.
        }
        if (reference.TryGetTarget(out var signal))
            await signal.CancelAsync().ConfigureAwait(false);
    }
}

/// <summary>A token of .NET's, behind a function that completes when it is cancelled, or JavaScript lets go of it.</summary>
internal sealed class NetSignal : IDisposable
{
    readonly TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenRegistration registration;

    public NetSignal(CancellationToken token)
    {
        Function = new((Func<Task<bool>>)(() => ended.Task), this);
        registration = token.UnsafeRegister(static self => ((NetSignal)self!).ended.TrySetResult(true), this);
    }

    /// <summary>What JavaScript calls: true, it was cancelled.</summary>
    public BoundFunction Function { get; }

    public void Dispose()
    {
        registration.Dispose();
        ended.TrySetResult(false);
    }
}
