using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>Runs an app's requests. Any thread.</summary>
internal abstract class RequestRunner
{
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
        features.GiveBack();
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
