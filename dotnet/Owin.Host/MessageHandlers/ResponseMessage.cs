using System.Globalization;
using System.Net.Http.Headers;
using Owin.Host.Http;

namespace Owin.Host.MessageHandlers;

/// <summary>
/// Sends an HttpResponseMessage. How its content leaves:
/// <list type="bullet">
/// <item>of known length: as it comes, with Content-Length</item>
/// <item>a StreamContent or PushStreamContent without one, and where Transfer-Encoding says chunked: as it comes</item>
/// <item>any other: it is buffered, so that its length is known and an exception in it is a 500</item>
/// </list>
/// </summary>
internal static class ResponseMessage
{
    const string PushStreamContent = "System.Net.Http.PushStreamContent";

    public static async Task Send(HttpResponseMessage response, OwinEnvironment env, CancellationToken cancelled)
    {
        int status = (int)response.StatusCode;
        var content = response.Content;
        bool bodiless = status is 204 or 205 or 304;
        var length = bodiless ? null : await LengthOf(response).ConfigureAwait(false);
        env[OwinKeys.OwinResponseStatusCode] = status;
        if (response.ReasonPhrase is { Length: > 0 } reason)
            env[OwinKeys.OwinResponseReasonPhrase] = reason;
        var headers = (IDictionary<string, string[]>)env[OwinKeys.OwinResponseHeaders];
        Copy(response.Headers, headers);
        Copy(content.Headers, headers);
        headers.Remove("Content-Length");
        if (length != null)
            headers["Content-Length"] = [length.Value.ToString(CultureInfo.InvariantCulture)];
        bool isHead = (string)env[OwinKeys.OwinRequestMethod] == "HEAD";
        if (bodiless || isHead || length == 0)
            return;
        await content.CopyToAsync((Stream)env[OwinKeys.OwinResponseBody], cancelled).ConfigureAwait(false);
        if (env.TryGetValue(OwinKeys.NodeResponseTrailers, out var trailers))
            Copy(response.TrailingHeaders, (IDictionary<string, string[]>)trailers);
    }

    static async ValueTask<long?> LengthOf(HttpResponseMessage response)
    {
        if (response.Headers.TransferEncodingChunked == true)
            return null;
        var content = response.Content;
        if (content.Headers.ContentLength is { } length)
            return length;
        if (IsStreamed(content))
            return null;
        await content.LoadIntoBufferAsync().ConfigureAwait(false);
        return content.Headers.ContentLength;
    }

    // PushStreamContent is of a library that the app brings.
    static bool IsStreamed(HttpContent content)
    {
        if (content is StreamContent)
            return true;
        for (var type = content.GetType(); type != null; type = type.BaseType)
        {
            if (type.FullName == PushStreamContent)
                return true;
        }
        return false;
    }

    // As they were written: a line each, but for the one whose parts are no list.
    static void Copy(HttpHeaders from, IDictionary<string, string[]> to)
    {
        foreach (var (name, values) in from.NonValidated)
            to[name] = name == "Server" ? [values.ToString()] : [.. values];
    }
}
