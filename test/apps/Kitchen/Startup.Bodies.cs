using System.Security.Cryptography;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

public sealed partial class Startup
{
    const int ChunkSize = 64 * 1024;

    /// Byte i of a big body is i % 251: a lost or doubled chunk shows.
    static readonly byte[] Pattern = [.. Enumerable.Range(0, ChunkSize + 251).Select(i => (byte)(i % 251))];

    static Dictionary<string, AppFunc> Bodies =>
        new()
        {
            ["/echo"] = Echo,
            ["/sha256"] = Sha256,
            ["/sync-read"] = ReadSynchronously,
            ["/read-partly"] = ReadPartly,
            ["/big"] = Big,
            ["/sse"] = ServerSentEvents,
        };

    static async Task Echo(IDictionary<string, object> env)
    {
        if (env.RequestHeaders().TryGetValue("Content-Type", out var type))
            env.ResponseHeaders()["Content-Type"] = type;
        await env.RequestBody().CopyToAsync(env.ResponseBody());
    }

    static async Task Sha256(IDictionary<string, object> env) =>
        await env.Answer(Convert.ToHexStringLower(await SHA256.HashDataAsync(env.RequestBody(), env.CallCancelled())));

    /// Answers "length sha256", read by Stream.Read on the thread the handler was called on.
    static Task ReadSynchronously(IDictionary<string, object> env)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ChunkSize];
        var length = 0L;
        for (int read; (read = env.RequestBody().Read(buffer, 0, buffer.Length)) > 0; length += read)
            hash.AppendData(buffer, 0, read);
        return env.Answer($"{length} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    /// Reads `?n=` bytes of the body, or what there is, and leaves the rest.
    static async Task ReadPartly(IDictionary<string, object> env)
    {
        var buffer = new byte[env.Number("n", 1)];
        var read = await env.RequestBody().ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
        await env.Answer($"{read}");
    }

    /// `?n=` bytes in writes of 64 KB; `&length` declares them; `&sync` writes by Stream.Write.
    static async Task Big(IDictionary<string, object> env)
    {
        var size = env.Number("n");
        env.ResponseHeaders()["Content-Type"] = ["application/octet-stream"];
        if (env.Query("length") != null)
            env.ResponseHeaders()["Content-Length"] = [$"{size}"];
        var synchronous = env.Query("sync") != null;
        for (var sent = 0L; sent < size; )
        {
            var length = (int)Math.Min(ChunkSize, size - sent);
            if (synchronous)
                env.ResponseBody().Write(Pattern, (int)(sent % 251), length);
            else
                await env.ResponseBody().WriteAsync(Pattern, (int)(sent % 251), length);
            sent += length;
        }
    }

    /// `?n=` events, each flushed; `&every=` ms between them.
    static async Task ServerSentEvents(IDictionary<string, object> env)
    {
        env.ResponseHeaders()["Content-Type"] = ["text/event-stream"];
        var pause = TimeSpan.FromMilliseconds(env.Number("every"));
        for (var i = 0; i < env.Number("n"); i++)
        {
            if (i > 0 && pause > TimeSpan.Zero)
                await Task.Delay(pause, env.CallCancelled());
            await env.Send($"data: {i}\n\n");
        }
    }
}
