using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Microsoft.AspNetCore.Owin;

/// The OWIN environment of an HttpContext: known keys read and write features, all others HttpContext.Items.
public sealed class OwinEnvironment : IDictionary<string, object>
{
    readonly record struct Entry(Func<object?> Get, Action<object>? Set = null);

    readonly HttpContext context;
    readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public OwinEnvironment(HttpContext context)
    {
        this.context = context;
        AddRequest(Feature<IHttpRequestFeature>());
        AddResponse(Feature<IHttpResponseFeature>());
        AddConnection(Feature<IHttpConnectionFeature>());
        Add("owin.Version", () => "1.0");
        Add("owin.CallCancelled", () => context.RequestAborted);
        Add("owin.RequestId", () => context.TraceIdentifier);
        Add("owin.RequestUser", () => User, value => User = (ClaimsPrincipal)value);
        Add("server.User", () => User, value => User = (ClaimsPrincipal)value);
        Add("common.Disconnect", () => new Action(context.Abort));
        Add("ssl.ClientCertificate", () => context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        Add(
            "sendfile.SendAsync",
            () =>
                new Func<string, long, long?, CancellationToken, Task>(
                    Feature<IHttpResponseBodyFeature>().SendFileAsync
                )
        );
        Add("websocket.AcceptAlt", () => AcceptAlt);
        context.Items[typeof(HttpContext).FullName!] = context;
    }

    void AddRequest(IHttpRequestFeature request)
    {
        Add("owin.RequestProtocol", () => request.Protocol, value => request.Protocol = (string)value);
        Add("owin.RequestScheme", () => request.Scheme, value => request.Scheme = (string)value);
        Add("owin.RequestMethod", () => request.Method, value => request.Method = (string)value);
        Add("owin.RequestPathBase", () => request.PathBase, value => request.PathBase = (string)value);
        Add("owin.RequestPath", () => request.Path, value => request.Path = (string)value);
        Add(
            "owin.RequestQueryString",
            () => request.QueryString.TrimStart('?'),
            value => request.QueryString = (string)value is { Length: > 0 } query ? "?" + query : ""
        );
        Add(
            "owin.RequestHeaders",
            () => new HeaderView(request.Headers),
            value => request.Headers = HeaderView.Unwrap(value)
        );
        Add("owin.RequestBody", () => request.Body, value => request.Body = (Stream)value);
    }

    void AddResponse(IHttpResponseFeature response)
    {
        Add("owin.ResponseStatusCode", () => response.StatusCode, value => response.StatusCode = (int)value);
        Add("owin.ResponseReasonPhrase", () => response.ReasonPhrase, value => response.ReasonPhrase = (string)value);
        Add(
            "owin.ResponseHeaders",
            () => new HeaderView(response.Headers),
            value => response.Headers = HeaderView.Unwrap(value)
        );
        Add("owin.ResponseBody", () => Feature<IHttpResponseBodyFeature>().Stream);
        Add("server.OnSendingHeaders", () => new Action<Action<object>, object>(OnSendingHeaders));

        void OnSendingHeaders(Action<object> callback, object state) =>
            response.OnStarting(
                given =>
                {
                    callback(given);
                    return Task.CompletedTask;
                },
                state
            );
    }

    void AddConnection(IHttpConnectionFeature connection)
    {
        Add("server.RemoteIpAddress", () => connection.RemoteIpAddress?.ToString());
        Add("server.RemotePort", () => connection.RemotePort.ToString(CultureInfo.InvariantCulture));
        Add("server.LocalIpAddress", () => connection.LocalIpAddress?.ToString());
        Add("server.LocalPort", () => connection.LocalPort.ToString(CultureInfo.InvariantCulture));
        Add("server.IsLocal", () => connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote));
        Add("server.ConnectionId", () => connection.ConnectionId);
    }

    ClaimsPrincipal? User
    {
        get => context.Features.Get<IHttpAuthenticationFeature>()?.User;
        set => context.User = value!;
    }

    Func<WebSocketAcceptContext, Task<WebSocket>>? AcceptAlt =>
        context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } feature
            ? feature.AcceptAsync
            : null;

    T Feature<T>()
        where T : notnull => context.Features.GetRequiredFeature<T>();

    void Add(string key, Func<object?> get, Action<object>? set = null) => entries[key] = new(get, set);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value)
    {
        value = entries.TryGetValue(key, out var entry) ? entry.Get() : context.Items[key];
        return value != null;
    }

    public object this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);
        set
        {
            if (entries.TryGetValue(key, out var entry) && entry.Set is { } set)
                set(value);
            else if (!entries.Remove(key) || value != null)
                context.Items[key] = value;
        }
    }

    public void Add(string key, object value)
    {
        if (ContainsKey(key))
            throw new ArgumentException($"The key '{key}' is there already.", nameof(key));
        this[key] = value;
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool Remove(string key) => entries.Remove(key) | context.Items.Remove(key);

    public ICollection<string> Keys =>
        [.. entries.Keys.Where(ContainsKey).Concat(context.Items.Keys.OfType<string>()).Distinct()];

    public ICollection<object> Values => [.. Keys.Select(key => this[key])];
    public int Count => Keys.Count;
    public bool IsReadOnly => false;

    public void Clear() => throw new NotSupportedException();

    public void Add(KeyValuePair<string, object> item) => Add(item.Key, item.Value);

    public bool Contains(KeyValuePair<string, object> item) =>
        TryGetValue(item.Key, out var value) && value == item.Value;

    public bool Remove(KeyValuePair<string, object> item) => Contains(item) && Remove(item.Key);

    public void CopyTo(KeyValuePair<string, object>[] array, int index)
    {
        foreach (var item in this)
            array[index++] = item;
    }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() =>
        Keys.Select(key => KeyValuePair.Create(key, this[key])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
