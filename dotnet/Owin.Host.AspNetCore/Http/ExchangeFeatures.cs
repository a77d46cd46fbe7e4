using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// An exchange as ASP.NET Core sees it: the collection of a request's features and, as Kestrel does it, most of the
/// features themselves. What a feature holds is made when it is first read. New for each request.
/// <para>Threads: the app's, one at a time. Abort, RequestAborted and CancelPendingFlush from any.</para>
/// </summary>
internal sealed partial class ExchangeFeatures : ExchangeView
{
    readonly Exchange exchange;

    public ExchangeFeatures(Exchange exchange, ServerDefaults defaults)
    {
        this.exchange = exchange;
        MaxRequestBodySize = defaults.MaxRequestBodySize;
        AllowSynchronousIO = defaults.AllowSynchronousIO;
    }

    /// <summary>The app's Task has ended: ends the response, or lets JavaScript go on.</summary>
    public async ValueTask Finish()
    {
        if (FallsThrough)
        {
            await GoOn().ConfigureAwait(false);
            return;
        }
        // Where the app has completed it itself, that is all.
        if (!exchange.IsAborted && !completed)
        {
            await Start().ConfigureAwait(false);
            if (writer != null)
                await writer.End().ConfigureAwait(false);
            exchange.Complete();
        }
        if (exchange.IsAborted)
            ShowAborted();
    }

    // Nobody knew the path: JavaScript's handlers may.
    bool FallsThrough =>
        exchange is { HasNext: true, IsAborted: false }
        && !hasStarted
        && StatusCode == StatusCodes.Status404NotFound
        && endpoint == null
        && writer is not { UnflushedBytes: > 0 }
        && exchange.RequestBody is not { IsTaken: true };

    // The response is JavaScript's then: it has started, for the app.
    async Task GoOn()
    {
        await RunStarting().ConfigureAwait(false);
        StatusCode = StatusCodes.Status200OK;
        var next = exchange.Next();
        if (!next.IsFaulted)
            LockResponse();
        await next.ConfigureAwait(false);
    }

    /// <summary>The app failed. False: the client has gone, and that is all.</summary>
    public bool Fail(Exception error)
    {
        if (exchange.IsAborted && error is OperationCanceledException or IOException)
        {
            ShowAborted();
            return false;
        }
        if (!hasStarted && error is BadHttpRequestException { StatusCode: var status })
        {
            ResetResponse(status);
            exchange.Complete();
            return true;
        }
        if (hasStarted)
            Begin();
        else
            ResetResponse(StatusCodes.Status500InternalServerError);
        exchange.Fail(error);
        return true;
    }

    // For those who log the request: no client has seen this status.
    void ShowAborted()
    {
        if (!hasStarted)
            StatusCode = StatusCodes.Status499ClientClosedRequest;
    }

    void ResetResponse(int status)
    {
        responseHeaders = null;
        ReasonPhrase = null;
        StatusCode = status;
    }

    // What has started fails as such, also where nothing of it has left yet.
    void Begin()
    {
        try
        {
            exchange.BeginWrite(default, out _);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or OwinException)
        {
            // It has begun, or it cannot: then it is an ordinary failure.
        }
    }

    /// <summary>Gives back what the bodies hold.</summary>
    public void GiveBack()
    {
        writer?.GiveBack();
        ownBody?.GiveBack();
    }

    public override ResponseHead ReadResponseHead()
    {
        var head = ResponseHead.Begin();
        AddLines(head, responseHeaders);
        head.End(StatusCode, ReasonPhrase);
        return head;
    }

    public override ResponseHead ReadUpgradeHead(Upgrade upgrade)
    {
        var head = ResponseHead.Begin();
        AddLines(head, responseHeaders);
        head.End(StatusCodes.Status200OK, null);
        return head;
    }

    public override ResponseHead? ReadTrailers()
    {
        if (responseTrailers is not { Count: > 0 })
            return null;
        var head = ResponseHead.Begin();
        foreach (var name in responseTrailers.Keys)
            ResponseTrailers.CheckName(name);
        AddLines(head, responseTrailers);
        head.EndHeaders();
        return head;
    }

    static void AddLines(ResponseHead head, IHeaderDictionary? headers)
    {
        if (headers is HeaderTable own)
        {
            foreach (var (name, values) in own.Entries)
                AddLine(head, name, values);
        }
        else if (headers != null)
        {
            foreach (var (name, values) in headers)
                AddLine(head, name, values);
        }
    }

    static void AddLine(ResponseHead head, string name, StringValues values)
    {
        if (values.Count == 1)
        {
            string? only = values[0];
            head.AddHeader(name, new ReadOnlySpan<string?>(ref only));
        }
        else
        {
            head.AddHeader(name, values.ToArray());
        }
    }

    public override void LockResponse()
    {
        hasStarted = true;
        ownHeaders?.Lock();
    }

    // Upgrades of this interface are not put off to the end of the app's Task.
    public override bool IsSwitchingProtocols => false;

    public override void SetStatus(int status) => StatusCode = status;

    public override bool HasNewUser(out object? user)
    {
        user = newUser ? this.user : null;
        var known = newUser ? exchange.Values?.User : null;
        return newUser
            && user != known
            && (known != null || user is ClaimsPrincipal { Identity.IsAuthenticated: true });
    }

    public override void UserIsKnown() => newUser = false;
}
