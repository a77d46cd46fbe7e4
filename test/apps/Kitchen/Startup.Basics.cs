using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

public sealed partial class Startup
{
    static readonly byte[] Html = "<p>Hello, world from .NET!</p>"u8.ToArray();

    static Dictionary<string, AppFunc> Basics =>
        new()
        {
            ["/hello"] = Hello,
            ["/env"] = ShowEnvironment,
            ["/runtime"] = env => env.Answer(RuntimeInformation.FrameworkDescription),
            ["/status"] = Status,
            ["/notes"] = ShowNotes,
        };

    static async Task Hello(IDictionary<string, object> env)
    {
        await Task.Yield();
        var headers = env.ResponseHeaders();
        headers["Content-Type"] = ["text/html"];
        headers["Content-Length"] = ["30"];
        await env.ResponseBody().WriteAsync(Html, 0, Html.Length);
    }

    /// Lines `key=value` of the environment, then `header:Name=value` of the request; a value that is no text
    /// and no number is shown as `<its type>`. With `?keys` only the keys, each with the type of its value.
    static Task ShowEnvironment(IDictionary<string, object> env)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in env.OrderBy(each => each.Key, StringComparer.Ordinal))
            text.Append(key).Append('=').Append(env.Query("keys") != null ? value.GetType() : Show(value)).Append('\n');
        foreach (var (name, values) in env.RequestHeaders())
        {
            foreach (var value in values)
                text.Append("header:").Append(name).Append('=').Append(value).Append('\n');
        }
        return env.Answer(text.ToString());
    }

    /// A startup method of its own: the environment whatever the path.
    public Task ShowEveryPath(IDictionary<string, object> env) => ShowEnvironment(env);

    static string Show(object value) =>
        value switch
        {
            string text => text,
            bool or int or long => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            _ => $"<{value.GetType()}>",
        };

    /// `?n=` the status, `&reason=` the phrase, `&body=` a text to send with it.
    static Task Status(IDictionary<string, object> env)
    {
        env["owin.ResponseStatusCode"] = (int)env.Number("n", 200);
        if (env.Query("reason") is { } reason)
            env["owin.ResponseReasonPhrase"] = reason;
        return env.Query("body") is { } body ? env.Answer(body) : Task.CompletedTask;
    }

    /// `?of=` the topic; `&at-least=` waits for so many notes. One note a line.
    static async Task ShowNotes(IDictionary<string, object> env)
    {
        var notes = await Notes.Wait(env.Query("of") ?? "", env.Number("at-least"), env.CallCancelled());
        await env.Answer(string.Join('\n', notes));
    }
}
