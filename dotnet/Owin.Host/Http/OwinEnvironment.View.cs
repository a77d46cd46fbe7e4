namespace Owin.Host.Http;

/// <summary>What the exchange asks of the environment: the response as the app has set it, its user, its Activity.</summary>
internal sealed partial class OwinEnvironment
{
    // Kept beside its slot: it is locked also where the app has put another dictionary there, or one around it.
    HeaderDictionary? ownHeaders;

    // An Activity, whose type most processes never load.
    object? activity;

    /// <summary>The request as it came.</summary>
    public RequestHead RequestHead => exchange.Head;

    public override ResponseHead ReadResponseHead() =>
        ResponseHead.Read(Current(StatusCode), Current(ReasonPhrase), Current(ResponseHeaders));

    public override bool IsSwitchingProtocols => Current(StatusCode) is 101;

    public override ResponseHead ReadUpgradeHead(Upgrade upgrade)
    {
        upgrade.WriteHandshake(WritableHeaders());
        return ResponseHead.Read(Ok, null, Current(ResponseHeaders));
    }

    // Made where there are none.
    IDictionary<string, string[]> WritableHeaders()
    {
        if (TryGetValue(OwinKeys.OwinResponseHeaders, out var headers) && headers != null)
            return headers as IDictionary<string, string[]> ?? new HeaderDictionary();
        slots[ResponseHeaders] = ownHeaders = new HeaderDictionary();
        return ownHeaders;
    }

    public override void LockResponse() => (ownHeaders ?? LockedHeaders()).Lock();

    public override void SetStatus(int status) => slots[StatusCode] = status;

    public override void ShowResponse(int status, string lines)
    {
        SetStatus(status);
        var shown = new HeaderDictionary();
        var fields = lines.Length == 0 ? [] : lines.Split('\0');
        for (int i = 0; i + 1 < fields.Length; i += 2)
            shown.AddLine(fields[i], fields[i + 1]);
        if (!TryGetValue(OwinKeys.OwinResponseHeaders, out var value) || value is not IDictionary<string, string[]> own)
        {
            slots[ResponseHeaders] = ownHeaders = shown;
            return;
        }
        own.Clear();
        foreach (var (name, values) in shown)
            own[name] = values;
    }

    public override ResponseHead? ReadTrailers() =>
        others != null
        && others.TryGetValue(OwinKeys.NodeResponseTrailers, out var trailers)
        && trailers != Removed
        && trailers != Null
            ? ResponseHead.ReadTrailers(trailers)
            : null;

    public override bool HasNewUser(out object? user)
    {
        user = newUser ? Current(RequestUser) : null;
        return newUser && (user == null || user != exchange.Values?.User);
    }

    public override void UserIsKnown() => newUser = false;

    /// <summary>Begins the request's Activity where somebody listens.</summary>
    public void StartActivity() => activity = Tracing.Start(exchange, this);

    public override void Returned(bool failed)
    {
        if (activity == null)
            return;
        var started = activity;
        activity = null;
        Tracing.Stop(started, this, failed);
    }

    // An app that never asked for its headers still must not change them now.
    HeaderDictionary LockedHeaders()
    {
        var headers = new HeaderDictionary();
        slots[ResponseHeaders] ??= headers;
        return headers;
    }
}
