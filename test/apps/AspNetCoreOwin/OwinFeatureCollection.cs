using System.Collections;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using WebSocketAcceptAlt = System.Func<
    Microsoft.AspNetCore.Http.WebSocketAcceptContext,
    System.Threading.Tasks.Task<System.Net.WebSockets.WebSocket>
>;

namespace Microsoft.AspNetCore.Owin;

/// The features of ASP.NET Core over an OWIN environment.
public sealed class OwinFeatureCollection
    : IFeatureCollection,
        IHttpRequestFeature,
        IHttpResponseFeature,
        IHttpResponseBodyFeature,
        IHttpConnectionFeature,
        IHttpRequestIdentifierFeature,
        IHttpRequestLifetimeFeature,
        IHttpAuthenticationFeature,
        ITlsConnectionFeature,
        IHttpWebSocketFeature
{
    readonly IDictionary<string, object> env;
    readonly HeaderDictionary responseHeaders = new();
    PipeWriter? writer;
    bool hasStarted;

    public OwinFeatureCollection(IDictionary<string, object> env)
    {
        this.env = env;
        var headers = new HeaderDictionary();
        foreach (var (name, values) in Value<IDictionary<string, string[]>>("owin.RequestHeaders")!)
            headers[name] = values;
        RequestHeaders = headers;
        Value<Action<Action<object>, object>>("server.OnSendingHeaders")!(_ => CopyHeaders(), this);
    }

    IHeaderDictionary RequestHeaders { get; set; }

    // What ASP.NET Core has set becomes OWIN's when the response starts.
    void CopyHeaders()
    {
        hasStarted = true;
        var headers = Value<IDictionary<string, string[]>>("owin.ResponseHeaders")!;
        foreach (var (name, values) in responseHeaders)
            headers[name] = values.ToArray()!;
    }

    T? Value<T>(string key) => env.TryGetValue(key, out var value) ? (T)value : default;

    string IHttpRequestFeature.Protocol
    {
        get => Value<string>("owin.RequestProtocol")!;
        set => env["owin.RequestProtocol"] = value;
    }
    string IHttpRequestFeature.Scheme
    {
        get => Value<string>("owin.RequestScheme")!;
        set => env["owin.RequestScheme"] = value;
    }
    string IHttpRequestFeature.Method
    {
        get => Value<string>("owin.RequestMethod")!;
        set => env["owin.RequestMethod"] = value;
    }
    string IHttpRequestFeature.PathBase
    {
        get => Value<string>("owin.RequestPathBase")!;
        set => env["owin.RequestPathBase"] = value;
    }
    string IHttpRequestFeature.Path
    {
        get => Value<string>("owin.RequestPath")!;
        set => env["owin.RequestPath"] = value;
    }
    string IHttpRequestFeature.QueryString
    {
        get => Value<string>("owin.RequestQueryString") is { Length: > 0 } query ? "?" + query : "";
        set => env["owin.RequestQueryString"] = value.TrimStart('?');
    }
    string IHttpRequestFeature.RawTarget
    {
        get => Value<string>("node.RawTarget") ?? "";
        set => env["node.RawTarget"] = value;
    }
    IHeaderDictionary IHttpRequestFeature.Headers
    {
        get => RequestHeaders;
        set => RequestHeaders = value;
    }
    Stream IHttpRequestFeature.Body
    {
        get => Value<Stream>("owin.RequestBody")!;
        set => env["owin.RequestBody"] = value;
    }

    int IHttpResponseFeature.StatusCode
    {
        get => Value<int>("owin.ResponseStatusCode");
        set => env["owin.ResponseStatusCode"] = value;
    }
    string? IHttpResponseFeature.ReasonPhrase
    {
        get => Value<string>("owin.ResponseReasonPhrase");
        set => env["owin.ResponseReasonPhrase"] = value!;
    }
    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => responseHeaders;
        set => throw new NotSupportedException();
    }
    Stream IHttpResponseFeature.Body
    {
        get => Value<Stream>("owin.ResponseBody")!;
        set => throw new NotSupportedException();
    }
    bool IHttpResponseFeature.HasStarted => hasStarted;

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state) =>
        Value<Action<Action<object>, object>>("server.OnSendingHeaders")!
            (given => callback(given).GetAwaiter().GetResult(), state);

    List<(Func<object, Task>, object)> Completed { get; } = [];

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) =>
        Completed.Add((callback, state));

    /// Starts the response, while what OnStarting got can still use the context, and runs what OnCompleted got.
    public async Task Complete()
    {
        if (writer != null)
            await writer.FlushAsync();
        if (!hasStarted)
            await Value<Stream>("owin.ResponseBody")!.FlushAsync();
        foreach (var (callback, state) in Enumerable.Reverse(Completed))
            await callback(state);
    }

    Stream IHttpResponseBodyFeature.Stream => Value<Stream>("owin.ResponseBody")!;
    PipeWriter IHttpResponseBodyFeature.Writer => writer ??= PipeWriter.Create(Value<Stream>("owin.ResponseBody")!);

    void IHttpResponseBodyFeature.DisableBuffering() => Value<Action>("server.DisableResponseBuffering")?.Invoke();

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancelled) =>
        Value<Stream>("owin.ResponseBody")!.FlushAsync(cancelled);

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancelled) =>
        Value<Func<string, long, long?, CancellationToken, Task>>("sendfile.SendAsync")!
            (path, offset, count, cancelled);

    Task IHttpResponseBodyFeature.CompleteAsync() => Complete();

    IPAddress? IHttpConnectionFeature.RemoteIpAddress
    {
        get => Address("server.RemoteIpAddress");
        set => env["server.RemoteIpAddress"] = value!.ToString();
    }
    IPAddress? IHttpConnectionFeature.LocalIpAddress
    {
        get => Address("server.LocalIpAddress");
        set => env["server.LocalIpAddress"] = value!.ToString();
    }

    IPAddress? Address(string key) => Value<string>(key) is { } text ? IPAddress.Parse(text) : null;

    int IHttpConnectionFeature.RemotePort
    {
        get => int.Parse(Value<string>("server.RemotePort") ?? "0", CultureInfo.InvariantCulture);
        set => env["server.RemotePort"] = value.ToString(CultureInfo.InvariantCulture);
    }
    int IHttpConnectionFeature.LocalPort
    {
        get => int.Parse(Value<string>("server.LocalPort") ?? "0", CultureInfo.InvariantCulture);
        set => env["server.LocalPort"] = value.ToString(CultureInfo.InvariantCulture);
    }
    string IHttpConnectionFeature.ConnectionId
    {
        get => Value<string>("server.ConnectionId")!;
        set => env["server.ConnectionId"] = value;
    }
    string IHttpRequestIdentifierFeature.TraceIdentifier
    {
        get => Value<string>("owin.RequestId")!;
        set => env["owin.RequestId"] = value;
    }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => Value<CancellationToken>("owin.CallCancelled");
        set => env["owin.CallCancelled"] = value;
    }

    void IHttpRequestLifetimeFeature.Abort() => Value<Action>("common.Disconnect")!();

    ClaimsPrincipal? IHttpAuthenticationFeature.User
    {
        get => Value<ClaimsPrincipal>("owin.RequestUser");
        set => env["owin.RequestUser"] = value!;
    }
    X509Certificate2? ITlsConnectionFeature.ClientCertificate
    {
        get => Value<X509Certificate2>("ssl.ClientCertificate");
        set => env["ssl.ClientCertificate"] = value!;
    }

    Task<X509Certificate2?> ITlsConnectionFeature.GetClientCertificateAsync(CancellationToken cancelled) =>
        Task.FromResult(Value<X509Certificate2>("ssl.ClientCertificate"));

    bool IHttpWebSocketFeature.IsWebSocketRequest => env.ContainsKey("websocket.AcceptAlt");

    Task<WebSocket> IHttpWebSocketFeature.AcceptAsync(WebSocketAcceptContext context) =>
        Value<WebSocketAcceptAlt>("websocket.AcceptAlt")!(context);

    // A feature that says that something is not there is not there itself.
    bool Has(Type type) =>
        type.IsInstanceOfType(this)
        && (type != typeof(IHttpWebSocketFeature) || env.ContainsKey("websocket.AcceptAlt"))
        && (type != typeof(ITlsConnectionFeature) || Value<string>("owin.RequestScheme") == "https");

    public bool IsReadOnly => true;
    public int Revision => 0;

    public object? this[Type key]
    {
        get => Has(key) ? this : null;
        set => throw new NotSupportedException();
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => throw new NotSupportedException();

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() =>
        GetType()
            .GetInterfaces()
            .Where(each => each.Namespace!.StartsWith("Microsoft.AspNetCore") && Has(each))
            .Select(each => KeyValuePair.Create(each, (object)this))
            .GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
