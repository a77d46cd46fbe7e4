using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>What came from the client.</summary>
internal sealed partial class ExchangeFeatures
    : IHttpRequestFeature,
        IHttpRequestBodyDetectionFeature,
        IHttpRequestIdentifierFeature,
        IHttpRequestTrailersFeature,
        IRequestBodyPipeFeature,
        IHttpBodyControlFeature,
        IHttpMaxRequestBodySizeFeature
{
    string? protocol;
    string? scheme;
    string? method;
    string? pathBase;
    string? path;
    string? queryString;
    string? rawTarget;
    string? traceIdentifier;
    IHeaderDictionary? requestHeaders;
    IHeaderDictionary? requestTrailers;
    RequestStream? ownBody;
    Stream? body;
    PipeReader? bodyReader;
    Stream? bodyOfReader;
    long? maxRequestBodySize;

    string IHttpRequestFeature.Protocol
    {
        get => protocol ??= exchange.Head.Protocol;
        set => protocol = value;
    }

    string IHttpRequestFeature.Scheme
    {
        get => scheme ??= exchange.Head.Scheme;
        set => scheme = value;
    }

    string IHttpRequestFeature.Method
    {
        get => method ??= exchange.Head.Method;
        set => method = value;
    }

    string IHttpRequestFeature.PathBase
    {
        get => pathBase ??= exchange.Head.PathBaseWithSlashes;
        set => pathBase = value;
    }

    string IHttpRequestFeature.Path
    {
        get => path ??= exchange.Head.PathWithSlashes;
        set => path = value;
    }

    string IHttpRequestFeature.QueryString
    {
        get => queryString ??= exchange.Head.QueryWithMark;
        set => queryString = value;
    }

    string IHttpRequestFeature.RawTarget
    {
        get => rawTarget ??= exchange.Head.OriginalUrl;
        set => rawTarget = value;
    }

    public IHeaderDictionary RequestHeaders
    {
        get => requestHeaders ??= new RequestHeaders(exchange);
        set => requestHeaders = value;
    }

    IHeaderDictionary IHttpRequestFeature.Headers
    {
        get => RequestHeaders;
        set => RequestHeaders = value;
    }

    Stream IHttpRequestFeature.Body
    {
        get => body ?? OwnBody;
        set => body = value;
    }

    RequestStream OwnBody => ownBody ??= new RequestStream(this, exchange.RequestBody);

    PipeReader IRequestBodyPipeFeature.Reader
    {
        get
        {
            if (body == null || body == ownBody)
                return OwnBody.Reader;
            if (bodyOfReader != body)
            {
                bodyOfReader = body;
                bodyReader = PipeReader.Create(body, new(leaveOpen: true));
                ((IHttpResponseFeature)this).OnCompleted(CompleteReader, bodyReader);
            }
            return bodyReader!;
        }
    }

    static Task CompleteReader(object reader) => ((PipeReader)reader).CompleteAsync().AsTask();

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => exchange.RequestBody != null;

    string IHttpRequestIdentifierFeature.TraceIdentifier
    {
        get => traceIdentifier ??= RequestIds.Next();
        set => traceIdentifier = value;
    }

    bool IHttpRequestTrailersFeature.Available => exchange.RequestBody is not { IsRead: false };

    IHeaderDictionary IHttpRequestTrailersFeature.Trailers => requestTrailers ??= ReadRequestTrailers();

    HeaderTable ReadRequestTrailers()
    {
        if (exchange.RequestBody is { IsRead: false })
            throw new InvalidOperationException(
                "The request trailers are not available yet. They may not be available until the full request body is read."
            );
        var trailers = new HeaderTable();
        if (exchange.RequestBody?.Trailers is { } sent)
        {
            foreach (var (name, values) in sent.Entries)
                trailers.Add(name, values);
        }
        return trailers;
    }

    public bool AllowSynchronousIO { get; set; }

    public void ThrowIfSynchronous(string instead)
    {
        if (!AllowSynchronousIO)
            throw new InvalidOperationException(
                $"Synchronous operations are disallowed. Call {instead} or set AllowSynchronousIO to true instead."
            );
    }

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => ownBody is { HasBegun: true } || upgraded;

    public long? MaxRequestBodySize
    {
        get => maxRequestBodySize;
        set
        {
            if (((IHttpMaxRequestBodySizeFeature)this).IsReadOnly)
                throw new InvalidOperationException(
                    upgraded
                        ? "The maximum request body size cannot be modified after the request has been upgraded."
                        : "The maximum request body size cannot be modified after the app has already started reading from the request body."
                );
            if (value < 0)
                throw new ArgumentOutOfRangeException(
                    nameof(value),
                    value,
                    "Value must be null or a non-negative number."
                );
            maxRequestBodySize = value;
        }
    }
}
