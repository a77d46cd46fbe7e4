using System.Globalization;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using SendFile = System.Func<string, long, long?, System.Threading.CancellationToken, System.Threading.Tasks.Task>;

namespace Kitchen;

/// Files through `sendfile.SendAsync`.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Files =>
        new()
        {
            ["/file"] = SendOneFile,
            ["/file-between"] = SendFileBetweenWrites,
            ["/file-unawaited"] = SendFileUnawaited,
            ["/file-outcome"] = NoteFileOutcome,
            ["/file-cancelled"] = CancelFile,
            ["/file-capabilities"] = DescribeSendFile,
        };

    static SendFile SendAsync(IDictionary<string, object> env) => (SendFile)env["sendfile.SendAsync"];

    static long? OptionalNumber(IDictionary<string, object> env, string name) =>
        env.Query(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    static void SetHead(IDictionary<string, object> env)
    {
        env["owin.ResponseStatusCode"] = (int)env.Number("status", 200);
        if (env.Query("type") is { } type)
            env.ResponseHeaders()["Content-Type"] = [type];
        if (env.Query("length") is { } length)
            env.ResponseHeaders()["Content-Length"] = [length];
    }

    /// `?path=` from `&offset=`, `&count=` bytes or to the end; `&status=`, `&type=` and `&length=` for the head.
    static Task SendOneFile(IDictionary<string, object> env)
    {
        SetHead(env);
        return SendAsync(env)(env.Query("path")!, env.Number("offset"), OptionalNumber(env, "count"), default);
    }

    /// `[`, the file, `|`, the file from `&offset=` on, `]`.
    static async Task SendFileBetweenWrites(IDictionary<string, object> env)
    {
        var path = env.Query("path")!;
        await env.ResponseBody().WriteAsync("["u8.ToArray());
        await SendAsync(env)(path, 0, null, env.CallCancelled());
        await env.ResponseBody().WriteAsync("|"u8.ToArray());
        await SendAsync(env)(path, env.Number("offset"), null, env.CallCancelled());
        await env.ResponseBody().WriteAsync("]"u8.ToArray());
    }

    /// The file twice and a text, begun in that order without waiting in between.
    static Task SendFileUnawaited(IDictionary<string, object> env)
    {
        var path = env.Query("path")!;
        var first = SendAsync(env)(path, 0, null, default);
        var second = SendAsync(env)(path, 0, null, default);
        return Task.WhenAll(first, second, EndAfter(env, second));
    }

    static async Task EndAfter(IDictionary<string, object> env, Task before)
    {
        await before;
        await env.ResponseBody().WriteAsync("end"u8.ToArray());
    }

    /// What SendAsync came to, noted under `?id=`, and answered where the response has not started; `&sync` writes a
    /// text before. `&null` passes null for the path.
    static async Task NoteFileOutcome(IDictionary<string, object> env)
    {
        SetHead(env);
        if (env.Query("before") is { } before)
            await env.Send(before);
        var path = env.Query("null") != null ? null! : env.Query("path")!;
        var outcome = await Outcome(() =>
            SendAsync(env)(path, env.Number("offset"), OptionalNumber(env, "count"), default)
        );
        Notes.Add(env.Query("id")!, outcome);
        await env.ResponseBody().WriteAsync(System.Text.Encoding.UTF8.GetBytes(outcome));
    }

    /// Cancels the sending when there is a note under `?id=`, or before it begins with `&early`; notes the outcome
    /// under `<id>:outcome`. Then writes a text.
    static async Task CancelFile(IDictionary<string, object> env)
    {
        var id = env.Query("id")!;
        SetHead(env);
        using var cancellation = new CancellationTokenSource();
        if (env.Query("early") != null)
            await cancellation.CancelAsync();
        var sending = SendAsync(env)(env.Query("path")!, 0, null, cancellation.Token);
        if (env.Query("early") == null && env.Query("at-once") == null)
            await Notes.Wait(id, 1, default);
        await cancellation.CancelAsync();
        var outcome = await Outcome(() => sending);
        Notes.Add($"{id}:outcome", outcome);
        var write = await Outcome(() => env.ResponseBody().WriteAsync("after"u8.ToArray(), 0, 5));
        Notes.Add($"{id}:write", write);
    }

    static Task DescribeSendFile(IDictionary<string, object> env)
    {
        var capabilities = (IDictionary<string, object>)env["server.Capabilities"];
        var support = (IDictionary<string, object>)capabilities["sendfile.Support"];
        return env.Answer(
            Lines(
                new()
                {
                    ["sendfile.Version"] = capabilities["sendfile.Version"],
                    ["sendfile.Concurrency"] = support["sendfile.Concurrency"],
                    ["type"] = env["sendfile.SendAsync"] is SendFile,
                }
            )
        );
    }
}
