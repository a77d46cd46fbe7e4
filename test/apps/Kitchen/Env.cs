using System.Globalization;
using System.Text;

namespace Kitchen;

/// <summary>The environment dictionary in shorter words.</summary>
static class Env
{
    public static string Path(this IDictionary<string, object> env) => (string)env["owin.RequestPath"];

    public static Stream RequestBody(this IDictionary<string, object> env) => (Stream)env["owin.RequestBody"];

    public static Stream ResponseBody(this IDictionary<string, object> env) => (Stream)env["owin.ResponseBody"];

    public static IDictionary<string, string[]> RequestHeaders(this IDictionary<string, object> env) =>
        (IDictionary<string, string[]>)env["owin.RequestHeaders"];

    public static IDictionary<string, string[]> ResponseHeaders(this IDictionary<string, object> env) =>
        (IDictionary<string, string[]>)env["owin.ResponseHeaders"];

    public static CancellationToken CallCancelled(this IDictionary<string, object> env) =>
        (CancellationToken)env["owin.CallCancelled"];

    /// <summary>The value of a name in the query string, percent-decoded; null: not there.</summary>
    public static string? Query(this IDictionary<string, object> env, string name)
    {
        foreach (var pair in ((string)env["owin.RequestQueryString"]).Split('&'))
        {
            var parts = pair.Split('=', 2);
            if (parts[0] == name)
                return parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
        }
        return null;
    }

    public static long Number(this IDictionary<string, object> env, string name, long otherwise = 0) =>
        env.Query(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Answers with a whole text.</summary>
    public static Task Answer(this IDictionary<string, object> env, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var headers = env.ResponseHeaders();
        headers["Content-Type"] = ["text/plain; charset=utf-8"];
        headers["Content-Length"] = [bytes.Length.ToString(CultureInfo.InvariantCulture)];
        return env.ResponseBody().WriteAsync(bytes, 0, bytes.Length);
    }

    /// <summary>Sends a part of a body of unknown length at once.</summary>
    public static async Task Send(this IDictionary<string, object> env, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await env.ResponseBody().WriteAsync(bytes, 0, bytes.Length);
        await env.ResponseBody().FlushAsync();
    }
}
