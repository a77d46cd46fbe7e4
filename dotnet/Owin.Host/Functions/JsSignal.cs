namespace Owin.Host.Functions;

/// <summary>
/// An AbortSignal of JavaScript's, behind a function whose promise says whether it was aborted.
/// <para>
/// Threads: any. A call holds the signals of its arguments until it has ended; beyond that whoever has the token does.
/// What waits for JavaScript does not: when nobody has the signal, its function is forgotten, and JavaScript answers.
/// </para>
/// </summary>
internal sealed class JsSignal : CancellationTokenSource
{
    readonly JsFunction aborted;

    JsSignal(JsFunction aborted) => this.aborted = aborted;

    /// <summary>The token of the signal, the same one each time.</summary>
    public static CancellationToken Of(JsFunction aborted)
    {
        lock (aborted)
        {
            if (aborted.Signal is { } known)
                return known.Token;
            var signal = aborted.Signal = new JsSignal(aborted);
            _ = Wait(aborted.Functions.Begin(aborted.Number, []), new(signal));
            return signal.Token;
        }
    }

    static async Task Wait(Task<JsResult> answer, WeakReference<JsSignal> reference)
    {
        bool isAborted = true;
        try
        {
            isAborted = (await answer.ConfigureAwait(false)).Read<bool>();
        }
        catch (Exception)
        {
            // The environment has closed, or the request is over: nobody wants the result.
        }
        if (!isAborted || !reference.TryGetTarget(out var signal))
            return;
        try
        {
            await signal.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Of what was registered with the token.
            UnhandledExceptions.Post(error);
        }
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
