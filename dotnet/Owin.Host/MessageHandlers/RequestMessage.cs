using Owin.Host.Http;

namespace Owin.Host.MessageHandlers;

/// <summary>Makes the HttpRequestMessage of an environment.</summary>
internal static class RequestMessage
{
    public static HttpRequestMessage Create(OwinEnvironment env)
    {
        var headers = (IDictionary<string, string[]>)env[OwinKeys.OwinRequestHeaders];
        var protocol = (string)env[OwinKeys.OwinRequestProtocol];
        var request = new HttpRequestMessage(
            new HttpMethod((string)env[OwinKeys.OwinRequestMethod]),
            Url((string)env[OwinKeys.OwinRequestScheme], headers["Host"][0], env.RequestHead.RawUrl)
        )
        {
            Version = protocol == "HTTP/2" ? new Version(2, 0) : new Version(protocol["HTTP/".Length..]),
            // Always one, so that the headers of a content have their place. It is read when a handler reads it.
            Content = new StreamContent((Stream)env[OwinKeys.OwinRequestBody]),
        };
        foreach (var (name, values) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values))
                request.Content.Headers.TryAddWithoutValidation(name, values);
        }
        return request;
    }

    static Uri Url(string scheme, string host, string rawUrl) =>
        Uri.TryCreate($"{scheme}://{host}{rawUrl}", UriKind.Absolute, out var url)
            ? url
            : throw new OwinException(ErrorCodes.BadRequest, $"The Host '{host}' makes no url.");
}
