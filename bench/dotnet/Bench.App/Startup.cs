using System.Text;

namespace Bench.App;

/// <summary>Every measured .NET route, as one OWIN application.</summary>
public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        switch ((string)env["owin.RequestPath"])
        {
            case "/hello":
                await Send(env, "text/html", Work.Hello);
                break;
            case "/upload":
                await Send(env, "text/plain", await Work.Sha256((Stream)env["owin.RequestBody"]));
                break;
            case "/download":
                Headers(env)["Content-Type"] = ["application/octet-stream"];
                await Work.Download((Stream)env["owin.ResponseBody"], long.Parse(Argument(env)));
                break;
            case "/json":
                await Send(env, "application/json", await Work.Json((Stream)env["owin.RequestBody"]));
                break;
            case "/burn":
                await Send(env, "text/plain", Work.Burn(int.Parse(Argument(env))));
                break;
            case "/queens":
                await Send(env, "text/plain", Encoding.ASCII.GetBytes($"{Functions.Queens(int.Parse(Argument(env)))}"));
                break;
            case "/allocate":
                await Send(env, "text/html", Work.Allocate(50));
                break;
            case "/collect":
                Collector.Set(Argument(env));
                await Send(env, "text/plain", "ok"u8.ToArray());
                break;
            case "/heap":
                GC.Collect();
                GC.WaitForPendingFinalizers();
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                await Send(env, "text/plain", "ok"u8.ToArray());
                break;
            case "/allocated":
                await Send(env, "text/plain", Encoding.ASCII.GetBytes($"{GC.GetTotalAllocatedBytes(true)}"));
                break;
            case "/ws-echo":
                Echo.Accept(env);
                break;
            case var path when path.StartsWith("/files/"):
                await SendFile(env, Find(path));
                break;
            case var path when path.StartsWith("/written/"):
                await WriteFile(env, Find(path));
                break;
            default:
                env["owin.ResponseStatusCode"] = 404;
                break;
        }
    }

    /// <summary>A middleware that does nothing, as a startup method of its own.</summary>
    public async Task PassThrough(IDictionary<string, object> env) =>
        await ((Func<IDictionary<string, object>, Task>)env["node.Next"])(env);

    private static FileInfo Find(string path) =>
        new(Path.Combine(Path.GetTempPath(), "owin-bench-files", Path.GetFileName(path)));

    private static Task SendFile(IDictionary<string, object> env, FileInfo file)
    {
        SetFileHeaders(env, file);
        var sendAsync = (Func<string, long, long?, CancellationToken, Task>)env["sendfile.SendAsync"];
        return sendAsync(file.FullName, 0, null, CancellationToken.None);
    }

    private static async Task WriteFile(IDictionary<string, object> env, FileInfo file)
    {
        SetFileHeaders(env, file);
        await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, 0, true);
        await stream.CopyToAsync((Stream)env["owin.ResponseBody"], Work.ChunkSize);
    }

    private static void SetFileHeaders(IDictionary<string, object> env, FileInfo file)
    {
        var headers = Headers(env);
        headers["Content-Type"] = ["application/octet-stream"];
        headers["Content-Length"] = [$"{file.Length}"];
    }

    private static IDictionary<string, string[]> Headers(IDictionary<string, object> env) =>
        (IDictionary<string, string[]>)env["owin.ResponseHeaders"];

    private static string Argument(IDictionary<string, object> env) =>
        Work.Value((string)env["owin.RequestQueryString"]);

    private static async Task Send(IDictionary<string, object> env, string type, byte[] content)
    {
        var headers = Headers(env);
        headers["Content-Type"] = [type];
        headers["Content-Length"] = [content.Length.ToString()];
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(content, 0, content.Length);
    }
}
