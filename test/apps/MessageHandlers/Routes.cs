using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Security.Principal;
using System.Text;

namespace MessageHandlers;

/// The end of the pipeline. Each path is a case of a test.
sealed class Routes : HttpMessageHandler
{
    static readonly List<string> Notes = [];

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancelled
    )
    {
        IDictionary<string, object?> options = request.Options;
        var path = request.RequestUri!.AbsolutePath;
        switch (path[(path.LastIndexOf('/') + 1)..])
        {
            case "request":
                return Text(await Show(request));
            case "echo":
                return new() { Content = new StreamContent(await request.Content!.ReadAsStreamAsync(cancelled)) };
            case "unread":
                return Text("unread");
            case "known":
                return Text("twelve bytes");
            case "empty":
                return new();
            case "seekable":
                return new() { Content = new StreamContent(new MemoryStream("seekable"u8.ToArray())) };
            case "stream":
                return new() { Content = new StreamContent(new Parts("one ", "two ", "three")) };
            case "stream-throws":
                return new() { Content = new StreamContent(new Parts("one ", "throw")) };
            case "chunked":
                var chunked = Text("chunked");
                chunked.Headers.TransferEncodingChunked = true;
                return chunked;
            case "unmeasured":
                return new() { Content = new Unmeasured("one ", "two") };
            case "unmeasured-throws":
                return new() { Content = new Unmeasured("one ", "throw") };
            case "headers":
                return Headers();
            case "status":
                var code = (HttpStatusCode)int.Parse(request.RequestUri.Query[1..]);
                var answer = new HttpResponseMessage(code) { Content = new StringContent("a body") };
                answer.Headers.ETag = new EntityTagHeaderValue("\"tag\"");
                return answer;
            case "reason":
                return new((HttpStatusCode)299) { ReasonPhrase = "As You Like It" };
            case "bad-header":
                var bad = new HttpResponseMessage();
                bad.Headers.TryAddWithoutValidation("X-Bad", "ł");
                return bad;
            case "soft":
                options["MS_NoRouteMatched"] = true;
                return new(HttpStatusCode.NotFound) { Content = new StringContent("no route has matched") };
            case "soft-read":
                await request.Content!.ReadAsByteArrayAsync(cancelled);
                goto case "soft";
            case "hard":
                return new(HttpStatusCode.NotFound) { Content = new StringContent("there is none") };
            case "context":
                return Text(Context(options));
            case "principal":
                return Text(Thread.CurrentPrincipal?.Identity?.Name ?? "nobody");
            case "become":
                Thread.CurrentPrincipal = new GenericPrincipal(new GenericIdentity("somebody else"), []);
                return Text("done");
            case "throw":
                throw new InvalidOperationException("the handler has failed");
            case "null":
                return null!;
            case "cancelled":
                throw new OperationCanceledException("given up");
            case "register":
                options["MS_DisposableRequestResources"] = new List<IDisposable>
                {
                    new Registered("first"),
                    new Registered("second, which throws"),
                    new Registered("third"),
                };
                return Text("registered");
            case "wait":
                Note("waiting");
                await Task.Delay(Timeout.Infinite, cancelled).ContinueWith(_ => { }, TaskScheduler.Default);
                Note("cancelled");
                cancelled.ThrowIfCancellationRequested();
                goto case "known";
            case "trailers":
                var trailing = new HttpResponseMessage { Content = new StreamContent(new Parts("body")) };
                trailing.TrailingHeaders.Add("X-Sum", "4");
                return trailing;
            case "assemblies":
                return Text(string.Join('\n', AppDomain.CurrentDomain.GetAssemblies().Select(e => e.GetName().Name)));
            case "notes":
                lock (Notes)
                {
                    if (Notes.Count < int.Parse("0" + request.RequestUri.Query.TrimStart('?')))
                        return Text("");
                    var notes = string.Join('\n', Notes);
                    Notes.Clear();
                    return Text(notes);
                }
            case "disposed-contents":
                return Text(Unmeasured.Disposed.ToString());
            default:
                return new(HttpStatusCode.NotFound);
        }
    }

    static HttpResponseMessage Text(string text) => new() { Content = new StringContent(text) };

    static void Note(string text)
    {
        lock (Notes)
            Notes.Add(text);
    }

    static async Task<string> Show(HttpRequestMessage request)
    {
        var text = new StringBuilder();
        text.Append($"method={request.Method}\nuri={request.RequestUri!.AbsoluteUri}\nversion={request.Version}\n");
        foreach (var (name, values) in request.Headers.NonValidated)
            text.Append($"header {name}={string.Join('|', values)}\n");
        foreach (var (name, values) in request.Content!.Headers.NonValidated)
            text.Append($"content {name}={string.Join('|', values)}\n");
        return text.Append($"body={await request.Content.ReadAsStringAsync()}").ToString();
    }

    static HttpResponseMessage Headers()
    {
        var response = new HttpResponseMessage { Content = new ByteArrayContent([1, 2, 3]) };
        response.Headers.Add("Set-Cookie", ["a=1; Path=/", "b=2"]);
        response.Headers.Add("X-Two", ["one", "two"]);
        response.Headers.Server.ParseAdd("Kitchen/1.0 (made of steel)");
        response.Headers.WwwAuthenticate.ParseAdd("Basic realm=\"a, b\"");
        response.Headers.WwwAuthenticate.ParseAdd("Bearer");
        response.Headers.CacheControl = new() { NoStore = true, MaxAge = TimeSpan.FromSeconds(5) };
        response.Content.Headers.ContentType = new("application/x-own");
        response.Content.Headers.Expires = DateTimeOffset.UnixEpoch;
        return response;
    }

    static string Context(IDictionary<string, object?> options)
    {
        var env = (IDictionary<string, object>)options["MS_OwinEnvironment"]!;
        var certificate = options.TryGetValue("MS_ClientCertificate", out var given) ? (X509Certificate2?)given : null;
        return $"local={((Lazy<bool>)options["MS_IsLocal"]!).Value}\n"
            + $"detail={((Lazy<bool>)options["MS_IncludeErrorDetail"]!).Value}\n"
            + $"certificate={certificate?.Subject ?? "none"}\n"
            + $"original={env["node.OriginalUrl"]}";
    }

    sealed class Registered(string name) : IDisposable
    {
        public void Dispose()
        {
            Note(name);
            if (name.Contains("throws"))
                throw new InvalidOperationException(name);
        }
    }
}
