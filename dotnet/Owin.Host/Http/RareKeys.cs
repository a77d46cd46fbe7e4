namespace Owin.Host.Http;

/// <summary>
/// Keys that few requests have or few apps ask for: they take no slot of the environment. One that has no value yet is
/// asked for again, so it appears when it comes to be.
/// </summary>
internal static class RareKeys
{
    public static readonly string[] All =
    [
        OwinKeys.SslClientCertificate,
        OwinKeys.SslClientCertificateErrors,
        OwinKeys.SslLoadClientCertAsync,
        OwinKeys.NodeRequestTrailers,
        OwinKeys.NodeResponseTrailers,
        OwinKeys.NodeHttpMessageHandler,
    ];

    // The handshake has asked for it, where the server does: there is nothing more to load.
    static readonly Func<Task> Loaded = static () => Task.CompletedTask;

    /// <summary>What the key holds when it is first read; null: it is absent.</summary>
    public static object? Initial(string key, Exchange exchange) =>
        key switch
        {
            OwinKeys.SslClientCertificate => exchange.Values?.Certificate,
            OwinKeys.SslClientCertificateErrors => exchange.Values?.CertificateError,
            OwinKeys.SslLoadClientCertAsync => exchange.IsSecure ? Loaded : null,
            OwinKeys.NodeRequestTrailers => exchange.RequestBody?.Trailers,
            OwinKeys.NodeResponseTrailers => exchange.Head.TakesTrailers ? new HeaderDictionary() : null,
            OwinKeys.NodeHttpMessageHandler => exchange.App.Requests?.Handler,
            _ => null,
        };
}
