using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;

namespace Owin.Host.AspNetCore.Http;

/// <summary>What a connection of TLS has agreed on. The suite says all that the obsolete properties did.</summary>
internal sealed class TlsHandshake((string Protocol, string Suite, string ServerName) agreed) : ITlsHandshakeFeature
{
    public SslProtocols Protocol =>
        agreed.Protocol switch
        {
            "TLSv1.3" => SslProtocols.Tls13,
            "TLSv1.2" => SslProtocols.Tls12,
            _ => SslProtocols.None,
        };

    public TlsCipherSuite? NegotiatedCipherSuite =>
        Enum.TryParse<TlsCipherSuite>(agreed.Suite, out var suite) ? suite : null;

    public string HostName => agreed.ServerName;

#pragma warning disable CS0618, SYSLIB0058 // obsolete, and part of the interface
    CipherAlgorithmType ITlsHandshakeFeature.CipherAlgorithm => CipherAlgorithmType.None;
    int ITlsHandshakeFeature.CipherStrength => 0;
    HashAlgorithmType ITlsHandshakeFeature.HashAlgorithm => HashAlgorithmType.None;
    int ITlsHandshakeFeature.HashStrength => 0;
    ExchangeAlgorithmType ITlsHandshakeFeature.KeyExchangeAlgorithm => ExchangeAlgorithmType.None;
    int ITlsHandshakeFeature.KeyExchangeStrength => 0;
#pragma warning restore CS0618, SYSLIB0058
}
