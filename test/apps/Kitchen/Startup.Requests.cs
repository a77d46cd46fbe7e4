using System.Net.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// Requests through the JavaScript app that the handler is mounted in.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Requests =>
        new()
        {
            ["/forward"] = Forward,
            ["/forward-left"] = ForwardAndLeave,
            ["/forward-past"] = ReadPastEnd,
            ["/same-handler"] = CompareHandlers,
        };

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
        request.Headers.UserAgent.ParseAdd("Kitchen/1.0 (a comment) Forward/2");
        request.Headers.Accept.ParseAdd("text/html, */*;q=0.1");
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

    static HttpResponseMessage? kept;

    /// Sends a request to `?url=` and answers with its status, when nothing of its body has been read; nobody disposes of
    /// the response, which the app keeps with `&keep`.
    static async Task ForwardAndLeave(IDictionary<string, object> env)
    {
        var response = await Client(env)
            .GetAsync(env.Query("url"), HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        if (env.Query("keep") != null)
            kept = response;
        await env.Answer($"{(int)response.StatusCode}");
    }

    /// Reads what `?url=` answers until that ends, `&cancel`led after the first part, and reads on; then once more when it
    /// was disposed of. Answers how each ended.
    static async Task ReadPastEnd(IDictionary<string, object> env)
    {
        using var response = await Client(env).GetAsync(env.Query("url"), HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        var cancel = new CancellationTokenSource();
        var buffer = new byte[100];
        var ends = new List<string>();
        await Read();
        await Read();
        await body.DisposeAsync();
        await Read();
        await env.Answer(string.Join(' ', ends));

        async Task Read()
        {
            try
            {
                while (await body.ReadAsync(buffer, cancel.Token) > 0)
                {
                    if (env.Query("cancel") != null)
                        cancel.CancelAfter(1);
                }
                ends.Add("end");
            }
            catch (Exception error)
            {
                ends.Add(error.GetType().Name);
                cancel = new();
            }
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
