using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;

namespace Chat;

/// <summary>What one client posts, all who listen get as a server-sent event.</summary>
public class Startup
{
    static readonly ConcurrentDictionary<Channel<string>, bool> Listeners = new();

    public Task Invoke(IDictionary<string, object> env) =>
        (string)env["owin.RequestMethod"] == "POST" ? Say(env) : Listen(env);

    static async Task Say(IDictionary<string, object> env)
    {
        using var reader = new StreamReader((Stream)env["owin.RequestBody"]);
        var text = await reader.ReadToEndAsync();
        foreach (var listener in Listeners.Keys)
            listener.Writer.TryWrite(text);
        env["owin.ResponseStatusCode"] = 204;
    }

    static async Task Listen(IDictionary<string, object> env)
    {
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["text/event-stream"];
        headers["Cache-Control"] = ["no-cache"];
        var body = (Stream)env["owin.ResponseBody"];
        var gone = (CancellationToken)env["owin.CallCancelled"];
        // A client that does not keep up misses the oldest.
        var mine = Channel.CreateBounded<string>(
            new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        Listeners.TryAdd(mine, true);
        try
        {
            await body.WriteAsync(": welcome\n\n"u8.ToArray(), gone);
            await foreach (var text in mine.Reader.ReadAllAsync(gone))
                await body.WriteAsync(Encoding.UTF8.GetBytes($"data: {text.ReplaceLineEndings("\ndata: ")}\n\n"), gone);
        }
        finally
        {
            Listeners.TryRemove(mine, out _);
        }
    }
}
