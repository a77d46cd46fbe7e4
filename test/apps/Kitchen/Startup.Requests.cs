using System.Net.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// Requests through the JavaScript app that the handler is mounted in.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Requests =>
        new() { ["/forward"] = Forward, ["/same-handler"] = CompareHandlers };

    static HttpMessageHandler? firstHandler;

    static HttpClient Client(IDictionary<string, object> env) =>
        new((HttpMessageHandler)env["node.HttpMessageHandler"]) { Timeout = Timeout.InfiniteTimeSpan };

    /// Sends the request on to `?url=`, its body as it comes (`&small`: whole), and answers what is answered there:
    /// status, header lines, body, trailers. `&take=` reads so many bytes and leaves the rest. What it throws is
    /// answered as 502, with the types and messages of the exception and its causes.
    static async Task Forward(IDictionary<string, object> env)
    {
        var request = new HttpRequestMessage(new((string)env["owin.RequestMethod"]), env.Query("url"));
        if (request.Method != HttpMethod.Get)
            request.Content =
                env.Query("small") == null
                    ? new StreamContent(env.RequestBody())
                    : new StringContent(await new StreamReader(env.RequestBody()).ReadToEndAsync());
        foreach (
            var (name, values) in env.RequestHeaders()
                .Where(each => each.Key.StartsWith("x-", StringComparison.OrdinalIgnoreCase))
        )
            request.Headers.TryAddWithoutValidation(name, values);
        try
        {
            using var client = Client(env);
            using var response = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                env.CallCancelled()
            );
            env["owin.ResponseStatusCode"] = (int)response.StatusCode;
            env["owin.ResponseReasonPhrase"] = response.ReasonPhrase!;
            foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
                env.ResponseHeaders()[name] = [.. values];
            var body = await response.Content.ReadAsStreamAsync();
            if (env.Query("take") == null)
                await body.CopyToAsync(env.ResponseBody());
            else
                await env.Send(
                    $"took {await body.ReadAtLeastAsync(new byte[env.Number("take")], (int)env.Number("take"))}"
                );
            foreach (var (name, values) in response.TrailingHeaders)
                ((IDictionary<string, string[]>)env["node.ResponseTrailers"])[name] = [.. values];
        }
        catch (Exception error)
        {
            Notes.Add(env.Query("id") ?? "forward", error.GetType().Name);
            env["owin.ResponseStatusCode"] = 502;
            var text = "";
            for (var cause = error; cause != null; cause = cause.InnerException)
                text += $"{cause.GetType()}: {cause.Message}\n";
            await env.Answer(text);
        }
    }

    /// Whether every request gets the same handler, also after it was disposed of.
    static Task CompareHandlers(IDictionary<string, object> env)
    {
        var handler = (HttpMessageHandler)env["node.HttpMessageHandler"];
        handler.Dispose();
        firstHandler ??= handler;
        return env.Answer($"{ReferenceEquals(firstHandler, handler)}");
    }
}
