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

    /// <param name="options">what is started</param>
    /// <param name="fail">gets the error when the deadline is first</param>
    public StartDeadline(AppOptions options, Action<Exception> fail)
    {
        if (options.StartTimeout == 0)
            return;
        timer = new Timer(
            _ =>
            {
                if (TryPass())
                    fail(Error(options));
            },
            null,
            options.StartTimeout,
            Timeout.Infinite
        );
    }

    /// <summary>True for the first caller.</summary>
    public bool TryPass() => Interlocked.Exchange(ref passed, 1) == 0;

    public void Dispose() => timer?.Dispose();

    public static OwinException Error(AppOptions options) =>
        new(
            ErrorCodes.StartTimeout,
            $"{options.Source} has not started within {options.StartTimeout} ms (the option 'startTimeout'): "
                + $"{options.Progress.Doing} has not returned."
        );
}
