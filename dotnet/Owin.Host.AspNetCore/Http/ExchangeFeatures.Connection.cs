using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>The connection, what JavaScript knows of the client, and where routing has led.</summary>
internal sealed partial class ExchangeFeatures
    : IHttpConnectionFeature,
        IHttpRequestLifetimeFeature,
        IHttpResetFeature,
        IPersistentStateFeature,
        IHttpUpgradeFeature,
        IHttpExtendedConnectFeature,
        ITlsConnectionFeature,
        IHttpAuthenticationFeature,
        IEndpointFeature,
        IRouteValuesFeature
{
    string? connectionId;
    IPAddress? remoteAddress;
    IPAddress? localAddress;
    bool hasRemoteAddress;
    bool hasLocalAddress;
    int? remotePort;
    int? localPort;
    CancellationToken? requestAborted;
    bool upgraded;
    X509Certificate2? certificate;
    bool hasCertificate;
    ClaimsPrincipal? user;
    bool newUser;
    Endpoint? endpoint;
    RouteValueDictionary? routeValues;

    string IHttpConnectionFeature.ConnectionId
    {
        get => connectionId ??= exchange.Head.ConnectionId;
        set => connectionId = value;
    }

    IPAddress? IHttpConnectionFeature.RemoteIpAddress
    {
        get => hasRemoteAddress ? remoteAddress : ParseAddress(exchange.Head.RemoteAddress);
        set
        {
            remoteAddress = value;
            hasRemoteAddress = true;
        }
    }

    IPAddress? IHttpConnectionFeature.LocalIpAddress
    {
        get => hasLocalAddress ? localAddress : ParseAddress(exchange.Head.LocalAddress);
        set
        {
            localAddress = value;
            hasLocalAddress = true;
        }
    }

    int IHttpConnectionFeature.RemotePort
    {
        get => remotePort ??= ParsePort(exchange.Head.RemotePort);
        set => remotePort = value;
    }

    int IHttpConnectionFeature.LocalPort
    {
        get => localPort ??= ParsePort(exchange.Head.LocalPort);
        set => localPort = value;
    }

    static IPAddress? ParseAddress(string? text) => IPAddress.TryParse(text, out var address) ? address : null;

    static int ParsePort(string? text) => int.TryParse(text, out int port) ? port : 0;

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => requestAborted ?? exchange.CallCancelled;
        set => requestAborted = value;
    }

    void IHttpRequestLifetimeFeature.Abort() => exchange.Disconnect();

    IDictionary<object, object?> IPersistentStateFeature.State => exchange.Environment.UseConnections().Of(exchange);

    void IHttpResetFeature.Reset(int errorCode)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(errorCode);
        exchange.Reset(errorCode);
    }

    bool IHttpUpgradeFeature.IsUpgradableRequest => exchange.CanUpgrade;

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        if (!exchange.CanUpgrade)
            throw new InvalidOperationException(
                "Cannot upgrade a non-upgradable request. Check IHttpUpgradeFeature.IsUpgradableRequest to determine if a request can be upgraded."
            );
        if (upgraded || hasStarted)
            throw new InvalidOperationException(
                "IHttpUpgradeFeature.UpgradeAsync was already called and can only be called once per connection."
            );
        upgraded = true;
        statusCode = StatusCodes.Status101SwitchingProtocols;
        ResponseHeaders.Connection = HeaderNames.Upgrade;
        // A 101 names the protocol (RFC 9110 §15.2.2): where the app does not, the one the client asked for first.
        if (ResponseHeaders.Upgrade.Count == 0)
            ResponseHeaders.Upgrade = RequestHeaders.Upgrade.ToString().Split(',')[0].Trim();
        await Start().ConfigureAwait(false);
        return await exchange.UpgradeAsync(new StreamUpgrade()).ConfigureAwait(false);
    }

    bool IHttpExtendedConnectFeature.IsExtendedConnect => exchange.Head.ConnectProtocol != null;

    string? IHttpExtendedConnectFeature.Protocol => exchange.Head.ConnectProtocol;

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync()
    {
        if (exchange.Head.ConnectProtocol == null || exchange.RequestBody is not { } incoming)
            throw new InvalidOperationException(
                "Cannot accept a non-extended CONNECT request. Check IHttpExtendedConnectFeature.IsExtendedConnect to determine if a request is one."
            );
        if (upgraded || hasStarted)
            throw new InvalidOperationException(
                "IHttpExtendedConnectFeature.AcceptAsync was already called and can only be called once per connection."
            );
        upgraded = true;
        await Writer.FlushAsync().ConfigureAwait(false);
        return new ConnectStream(incoming, Writer);
    }

    X509Certificate2? ITlsConnectionFeature.ClientCertificate
    {
        get => hasCertificate ? certificate : exchange.Values?.Certificate;
        set
        {
            certificate = value;
            hasCertificate = true;
        }
    }

    // The handshake has asked for it, where the server does.
    Task<X509Certificate2?> ITlsConnectionFeature.GetClientCertificateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(((ITlsConnectionFeature)this).ClientCertificate);

    ClaimsPrincipal? IHttpAuthenticationFeature.User
    {
        get => newUser ? user : user ??= exchange.Values?.User;
        set
        {
            user = value;
            newUser = true;
        }
    }

    Endpoint? IEndpointFeature.Endpoint
    {
        get => endpoint;
        set => endpoint = value;
    }

    RouteValueDictionary IRouteValuesFeature.RouteValues
    {
        get => routeValues ??= [];
        set => routeValues = value;
    }
}
