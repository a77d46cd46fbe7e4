using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

using Callbacks = Stack<(Func<object, Task> Callback, object State)>;

/// <summary>What goes to the client.</summary>
internal sealed partial class ExchangeFeatures
    : IHttpResponseFeature,
        IHttpResponseBodyFeature,
        IHttpResponseTrailersFeature
{
    int statusCode = StatusCodes.Status200OK;
    IHeaderDictionary? responseHeaders;

    // Kept beside: they are locked also where the app has put others in their place.
    HeaderTable? ownHeaders;
    IHeaderDictionary? responseTrailers;
    Callbacks? onStarting;
    Callbacks? onCompleted;
    volatile bool hasStarted;
    Exception? startingFailure;
    ResponseWriter? writer;
    Stream? responseStream;
    bool completed;

    /// <summary>The head is as it will be, whether or not it has left.</summary>
    public bool HasStarted => hasStarted;

    /// <summary>What a callback threw that was to run before the response starts.</summary>
    public Exception? StartingFailure => startingFailure;

    bool IHttpResponseFeature.HasStarted => hasStarted;

    public int StatusCode
    {
        get => statusCode;
        private set => statusCode = value;
    }

    int IHttpResponseFeature.StatusCode
    {
        get => statusCode;
        set
        {
            ThrowIfStarted("StatusCode");
            statusCode = value;
        }
    }

    string? ReasonPhrase { get; set; }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => ReasonPhrase;
        set
        {
            ThrowIfStarted("ReasonPhrase");
            ReasonPhrase = value;
        }
    }

    IHeaderDictionary ResponseHeaders => responseHeaders ??= ownHeaders = new HeaderTable();

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => ResponseHeaders;
        set => responseHeaders = value;
    }

    Stream IHttpResponseFeature.Body
    {
        get => ResponseStream;
        set => responseStream = value;
    }

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state)
    {
        ThrowIfStarted("OnStarting");
        (onStarting ??= new()).Push((callback, state));
    }

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) =>
        (onCompleted ??= new()).Push((callback, state));

    /// <summary>Runs what was registered with OnStarting, and starts the response.</summary>
    public Task Start()
    {
        if (hasStarted)
            return Task.CompletedTask;
        if (onStarting == null)
        {
            Lock();
            return Task.CompletedTask;
        }
        return StartAfterCallbacks();
    }

    async Task StartAfterCallbacks()
    {
        await RunStarting().ConfigureAwait(false);
        Lock();
    }

    void Lock()
    {
        _ = ResponseHeaders;
        LockResponse();
    }

    // Last registered first; when one throws, the others do not run, and the response fails.
    async Task RunStarting()
    {
        if (startingFailure != null)
            throw new ObjectDisposedException(
                "The response has been aborted due to an unhandled application exception.",
                startingFailure
            );
        try
        {
            while (onStarting != null && onStarting.TryPop(out var each))
                await each.Callback(each.State).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            startingFailure = error;
            throw;
        }
    }

    /// <summary>Runs what was registered with OnCompleted, last registered first; a failure is logged.</summary>
    public async Task RunCompleted(ILogger logger)
    {
        while (onCompleted != null && onCompleted.TryPop(out var each))
        {
            try
            {
                await each.Callback(each.State).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                logger.LogError(error, "A callback of Response.OnCompleted failed.");
            }
        }
    }

    /// <summary>There is something for <see cref="RunCompleted"/>.</summary>
    public bool HasCompletedCallbacks => onCompleted != null;

    Stream IHttpResponseBodyFeature.Stream => ResponseStream;

    Stream ResponseStream => responseStream ??= new ResponseStream(this, Writer);

    PipeWriter IHttpResponseBodyFeature.Writer => Writer;

    ResponseWriter Writer => writer ??= new ResponseWriter(this, exchange);

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Start();

    async Task IHttpResponseBodyFeature.SendFileAsync(
        string path,
        long offset,
        long? count,
        CancellationToken cancellationToken
    )
    {
        // What is wrong with it shows while another answer is possible.
        var range = FileRange.Of(path, offset, count);
        await Start().ConfigureAwait(false);
        if (writer is { UnflushedBytes: > 0 })
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await exchange.SendFile(range, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (exchange.IsAborted && !cancellationToken.IsCancellationRequested)
        {
            // As everything that is written for a client that has gone.
        }
    }

    void IHttpResponseBodyFeature.DisableBuffering() => exchange.DisableResponseBuffering();

    Task IHttpResponseBodyFeature.CompleteAsync() => CompleteBody(null);

    /// <summary>Ends the response before the app's Task has ended; with an error it fails.</summary>
    public async Task CompleteBody(Exception? error)
    {
        if (completed)
            return;
        completed = true;
        if (error != null)
        {
            Fail(new IOException("The response's BodyWriter was completed with an exception.", error));
            return;
        }
        await Start().ConfigureAwait(false);
        await Writer.End().ConfigureAwait(false);
        exchange.Complete();
    }

    IHeaderDictionary IHttpResponseTrailersFeature.Trailers
    {
        get => responseTrailers ??= new HeaderTable();
        set => responseTrailers = value;
    }

    void ThrowIfStarted(string name)
    {
        if (hasStarted)
            throw new InvalidOperationException($"{name} cannot be set because the response has already started.");
    }
}
