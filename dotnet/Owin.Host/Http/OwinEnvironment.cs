using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Security.Principal;

namespace Owin.Host.Http;

/// <summary>
/// The dictionary an app gets. A known key has a slot, filled when it is first read; unknown keys live in a side
/// dictionary made when it is needed, and startup properties are seen through where the app set nothing.
/// New for each request and never used again: an app may keep it.
/// </summary>
internal sealed class OwinEnvironment(Exchange exchange) : ExchangeView, IDictionary<string, object>
{
    static readonly object Removed = new();
    static readonly object Null = new();
    static readonly object True = true;
    static readonly object False = false;
    static readonly object Ok = 200;

    static readonly string[] KnownKeys =
    [
        OwinKeys.OwinRequestBody,
        OwinKeys.OwinRequestHeaders,
        OwinKeys.OwinRequestMethod,
        OwinKeys.OwinRequestPath,
        OwinKeys.OwinRequestPathBase,
        OwinKeys.OwinRequestProtocol,
        OwinKeys.OwinRequestQueryString,
        OwinKeys.OwinRequestScheme,
        OwinKeys.OwinRequestId,
        OwinKeys.OwinRequestUser,
        OwinKeys.OwinResponseBody,
        OwinKeys.OwinResponseHeaders,
        OwinKeys.OwinResponseStatusCode,
        OwinKeys.OwinResponseReasonPhrase,
        OwinKeys.OwinCallCancelled,
        OwinKeys.OwinVersion,
        OwinKeys.CommonDisconnect,
        OwinKeys.ServerRemoteIpAddress,
        OwinKeys.ServerRemotePort,
        OwinKeys.ServerLocalIpAddress,
        OwinKeys.ServerLocalPort,
        OwinKeys.ServerIsLocal,
        OwinKeys.ServerConnectionId,
        OwinKeys.ServerUser,
        OwinKeys.ServerOnSendingHeaders,
        OwinKeys.ServerDisableRequestBuffering,
        OwinKeys.ServerDisableResponseBuffering,
        OwinKeys.NodeRawTarget,
        OwinKeys.NodeOriginalUrl,
        OwinKeys.NodeNext,
        OwinKeys.NodeBodyConsumed,
        OwinKeys.SendfileSendAsync,
    ];

    const int SlotCount = 32;

    [InlineArray(SlotCount)]
    struct Slots
    {
        object? first;
    }

    Slots slots;
    Dictionary<string, object>? others;
    bool newUser;

    // An Activity, whose type most processes never load.
    object? activity;

    // Kept beside its slot: it is locked also where the app has put another dictionary there, or one around it.
    HeaderDictionary? ownHeaders;

    // The names of the slots, in the order of KnownKeys.
    const int ResponseHeaders = 11;
    const int StatusCode = 12;
    const int ReasonPhrase = 13;
    const int RequestUser = 9;
    const int ServerUser = 23;

    static int SlotOf(string key) =>
        key switch
        {
            OwinKeys.OwinRequestBody => 0,
            OwinKeys.OwinRequestHeaders => 1,
            OwinKeys.OwinRequestMethod => 2,
            OwinKeys.OwinRequestPath => 3,
            OwinKeys.OwinRequestPathBase => 4,
            OwinKeys.OwinRequestProtocol => 5,
            OwinKeys.OwinRequestQueryString => 6,
            OwinKeys.OwinRequestScheme => 7,
            OwinKeys.OwinRequestId => 8,
            OwinKeys.OwinRequestUser => RequestUser,
            OwinKeys.OwinResponseBody => 10,
            OwinKeys.OwinResponseHeaders => ResponseHeaders,
            OwinKeys.OwinResponseStatusCode => StatusCode,
            OwinKeys.OwinResponseReasonPhrase => ReasonPhrase,
            OwinKeys.OwinCallCancelled => 14,
            OwinKeys.OwinVersion => 15,
            OwinKeys.CommonDisconnect => 16,
            OwinKeys.ServerRemoteIpAddress => 17,
            OwinKeys.ServerRemotePort => 18,
            OwinKeys.ServerLocalIpAddress => 19,
            OwinKeys.ServerLocalPort => 20,
            OwinKeys.ServerIsLocal => 21,
            OwinKeys.ServerConnectionId => 22,
            OwinKeys.ServerUser => ServerUser,
            OwinKeys.ServerOnSendingHeaders => 24,
            OwinKeys.ServerDisableRequestBuffering => 25,
            OwinKeys.ServerDisableResponseBuffering => 26,
            OwinKeys.NodeRawTarget => 27,
            OwinKeys.NodeOriginalUrl => 28,
            OwinKeys.NodeNext => 29,
            OwinKeys.NodeBodyConsumed => 30,
            OwinKeys.SendfileSendAsync => 31,
            _ => -1,
        };

    object? Initial(int slot) =>
        slot switch
        {
            0 => (object?)exchange.RequestBody ?? Stream.Null,
            1 => exchange.Head.ReadHeaders(),
            2 => exchange.Head.Method,
            3 => exchange.Head.Path,
            4 => exchange.Head.PathBase,
            5 => exchange.Head.Protocol,
            6 => exchange.Head.QueryString,
            7 => exchange.Head.Scheme,
            8 => RequestIds.Next(),
            10 => new ResponseBody(exchange),
            ResponseHeaders => ownHeaders = new HeaderDictionary(),
            StatusCode => Ok,
            14 => exchange.CallCancelled,
            15 => "1.0",
            16 => new Action(exchange.Disconnect),
            17 => exchange.Head.RemoteAddress,
            18 => exchange.Head.RemotePort,
            19 => exchange.Head.LocalAddress,
            20 => exchange.Head.LocalPort,
            21 => exchange.Head.IsLocal ? True : False,
            22 => exchange.Head.ConnectionId,
            24 => new Action<Action<object>, object>(exchange.OnSendingHeaders),
            // Where a request body is collected, it has been before the app is called.
            25 => Nothing,
            26 => new Action(exchange.DisableResponseBuffering),
            27 or 28 => exchange.Head.OriginalUrl,
            29 => exchange.HasNext ? new Func<IDictionary<string, object>, Task>(_ => exchange.Next()) : null,
            30 => exchange.BodyLost ? True : null,
            RequestUser or ServerUser => exchange.Values?.User,
            31 => new Func<string, long, long?, CancellationToken, Task>(exchange.SendFile),
            _ => null,
        };

    static readonly Action Nothing = static () => { };

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

    public object this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no key '{key}'.");
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Set(key, value ?? Null);
        }
    }

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        int slot = SlotOf(key);
        object? found;
        if (slot >= 0)
            found = slots[slot] ??= Initial(slot);
        else if (others == null || !others.TryGetValue(key, out found))
            found = RareOrGiven(key);
        value = found == Null || found == Removed ? null : found;
        return found != null && found != Removed;
    }

    // A rare key keeps the value it was first read with; what was given is seen through.
    object? RareOrGiven(string key)
    {
        if (RareKeys.Initial(key, exchange) is { } rare)
            return (others ??= [])[key] = rare;
        if (exchange.Values is { } values && values.Given.TryGetValue(key, out var fromJs))
            return fromJs;
        return exchange.App.Properties.TryGetValue(key, out var given) ? given : null;
    }

    public override ResponseHead? ReadTrailers() =>
        others != null
        && others.TryGetValue(OwinKeys.NodeResponseTrailers, out var trailers)
        && trailers != Removed
        && trailers != Null
            ? ResponseHead.ReadTrailers(trailers)
            : null;

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public void Add(string key, object value)
    {
        if (ContainsKey(key))
            throw new ArgumentException($"The key '{key}' is there already.", nameof(key));
        this[key] = value;
    }

    public bool Remove(string key)
    {
        if (!ContainsKey(key))
            return false;
        Set(key, Removed);
        return true;
    }

    public void Clear()
    {
        foreach (var key in Keys)
            Remove(key);
    }

    public int Count => Keys.Count;
    public bool IsReadOnly => false;

    public ICollection<string> Keys
    {
        get
        {
            var keys = new List<string>();
            foreach (var key in KnownKeys)
                AddIfPresent(key);
            var unknown = new HashSet<string>(RareKeys.All, StringComparer.Ordinal);
            unknown.UnionWith(exchange.App.Properties.Keys);
            unknown.UnionWith((IEnumerable<string>?)exchange.Values?.Given.Keys ?? []);
            unknown.UnionWith((IEnumerable<string>?)others?.Keys ?? []);
            foreach (var key in unknown)
            {
                if (SlotOf(key) < 0)
                    AddIfPresent(key);
            }
            return keys;

            void AddIfPresent(string key)
            {
                if (ContainsKey(key))
                    keys.Add(key);
            }
        }
    }

    public ICollection<object> Values
    {
        get
        {
            var values = new List<object>();
            foreach (var (_, value) in this)
                values.Add(value);
            return values;
        }
    }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
    {
        foreach (var key in Keys)
        {
            if (TryGetValue(key, out var value))
                yield return new(key, value);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void ICollection<KeyValuePair<string, object>>.Add(KeyValuePair<string, object> item) => Add(item.Key, item.Value);

    public bool Contains(KeyValuePair<string, object> item) =>
        TryGetValue(item.Key, out var value) && Equals(value, item.Value);

    public bool Remove(KeyValuePair<string, object> item) => Contains(item) && Remove(item.Key);

    public void CopyTo(KeyValuePair<string, object>[] array, int arrayIndex)
    {
        foreach (var entry in this)
            array[arrayIndex++] = entry;
    }

    void Set(string key, object value)
    {
        int slot = SlotOf(key);
        if (slot < 0)
        {
            (others ??= [])[key] = value;
            return;
        }
        slots[slot] = value;
        // One user under two names.
        newUser |= slot is RequestUser or ServerUser;
        if (slot == RequestUser)
            slots[ServerUser] = value;
        else if (slot == ServerUser)
            slots[RequestUser] = value is IPrincipal user and not ClaimsPrincipal ? new ClaimsPrincipal(user) : value;
    }

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

    object? Current(int slot)
    {
        var value = slots[slot];
        return value == Removed || value == Null ? null : value;
    }

    // An app that never asked for its headers still must not change them now.
    HeaderDictionary LockedHeaders()
    {
        var headers = new HeaderDictionary();
        slots[ResponseHeaders] ??= headers;
        return headers;
    }
}

/// <summary>Ids for <c>owin.RequestId</c>: unique in this process, and across processes by its start.</summary>
internal static class RequestIds
{
    static readonly string Prefix = Convert.ToHexString(BitConverter.GetBytes(DateTime.UtcNow.Ticks)[..6]);
    static long last;

    public static string Next() => $"{Prefix}:{Interlocked.Increment(ref last):x}";
}
