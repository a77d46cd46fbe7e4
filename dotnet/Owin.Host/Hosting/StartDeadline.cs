namespace Owin.Host.Hosting;

/// <summary>How far the start of an app has come, for the message of a start that takes too long.</summary>
internal sealed class StartProgress
{
    /// <summary>What runs, "the method A.Startup.Configuration" for one.</summary>
    public volatile string Doing = "the search for its startup method";
}

/// <summary>
/// A time within which an app must have started. The end of the start and the deadline race: <see cref="TryPass" />
/// says who was first.
/// <para>Threads: the deadline passes on the pool.</para>
/// </summary>
internal sealed class StartDeadline : IDisposable
{
    readonly Timer? timer;
    int passed;

    /// <param name="milliseconds">0: none</param>
    /// <param name="options">what is started</param>
    /// <param name="fail">gets the error when the deadline is first</param>
    public StartDeadline(int milliseconds, AppOptions options, Action<Exception> fail)
    {
        if (milliseconds == 0)
            return;
        timer = new Timer(
            _ =>
            {
                if (TryPass())
                    fail(Error(milliseconds, options));
            },
            null,
            milliseconds,
            Timeout.Infinite
        );
    }

    /// <summary>True for the first caller.</summary>
    public bool TryPass() => Interlocked.Exchange(ref passed, 1) == 0;

    public void Dispose() => timer?.Dispose();

    static OwinException Error(int milliseconds, AppOptions options) =>
        new(
            ErrorCodes.StartTimeout,
            $"{options.Source} has not started within {milliseconds} ms (the option 'startTimeout'): "
                + $"{options.Progress.Doing} has not returned."
        );
}
