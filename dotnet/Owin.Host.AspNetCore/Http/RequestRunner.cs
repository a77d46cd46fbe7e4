using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>Runs an app's requests, and knows how many there are. Any thread.</summary>
internal abstract class RequestRunner
{
    readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int count;
    volatile bool stopping;

    /// <param name="application">the app's pipeline</param>
    /// <param name="defaults">what the features of its requests begin with</param>
    /// <param name="logger">hears of what the app throws</param>
    public static RequestRunner Create<TContext>(
        IHttpApplication<TContext> application,
        ServerDefaults defaults,
        ILogger logger
    )
        where TContext : notnull => new RequestRunner<TContext>(application, defaults, logger);

    /// <summary>Answers a request. What the app throws has been dealt with when the Task completes.</summary>
    public abstract Task Handle(Exchange exchange);

    /// <summary>Requests whose code runs, also where their clients have the response, or are gone.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>No more requests come: waits for those that run. False: some still do after that time.</summary>
    public async Task<bool> Stop(TimeSpan time)
    {
        stopping = true;
        Interlocked.MemoryBarrier();
        if (Count == 0)
            return true;
        try
        {
            await idle.Task.WaitAsync(time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    protected void Begun() => Interlocked.Increment(ref count);

    protected void Ended()
    {
        if (Interlocked.Decrement(ref count) == 0 && stopping)
            idle.TrySetResult();
    }
}

/// <inheritdoc />
internal sealed class RequestRunner<TContext>(
    IHttpApplication<TContext> application,
    ServerDefaults defaults,
    ILogger logger
) : RequestRunner
    where TContext : notnull
{
    static readonly EventId ApplicationError = new(13, nameof(ApplicationError));

    public override async Task Handle(Exchange exchange)
    {
        var features = new ExchangeFeatures(exchange, defaults);
        exchange.View = features;
        Begun();
        try
        {
            var context = application.CreateContext(features);
            Exception? failure = null;
            try
            {
                await application.ProcessRequestAsync(context).ConfigureAwait(false);
                await features.Finish().ConfigureAwait(false);
                failure = features.StartingFailure;
            }
            catch (Exception error)
            {
                failure = features.StartingFailure ?? error;
            }
            if (failure != null)
            {
                if (features.Fail(failure))
                    Log(features, failure);
                else
                    failure = null;
            }
            if (features.HasCompletedCallbacks)
                await features.RunCompleted(logger).ConfigureAwait(false);
            application.DisposeContext(context, failure);
        }
        finally
        {
            features.GiveBack();
            Ended();
        }
    }

    void Log(ExchangeFeatures features, Exception failure) =>
        logger.LogError(
            ApplicationError,
            failure,
            "Connection id \"{ConnectionId}\", Request id \"{TraceIdentifier}\": An unhandled exception was thrown by the application.",
            ((IHttpConnectionFeature)features).ConnectionId,
            ((IHttpRequestIdentifierFeature)features).TraceIdentifier
        );
}
