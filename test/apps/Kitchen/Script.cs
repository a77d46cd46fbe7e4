using System.Globalization;
using System.Net;
using System.Text;

namespace Kitchen;

/// <summary>
/// A handler as a list of steps, so that a test says what it needs where it needs it. A step is a name and a text;
/// see <see cref="Run"/> for what there is. From the step <c>try</c> on a step's exception is caught and noted as
/// <c>step: type: message</c>; before it the exception is the handler's.
/// </summary>
sealed class Script(IDictionary<string, object> env, string topic)
{
    IDictionary<string, string[]> headers = env.ResponseHeaders();
    bool catches;

    public async Task Run(string step, string text)
    {
        if (!catches)
        {
            await Step(step, text);
            return;
        }
        try
        {
            await Step(step, text);
            Notes.Add(topic, $"{step}: none");
        }
        catch (Exception error)
        {
            Notes.Add(topic, $"{step}: {error.GetType()}: {error.Message}");
        }
    }

    async Task Step(string step, string text)
    {
        var body = env.ResponseBody();
        switch (step)
        {
            case "id":
                break;
            case "try":
                catches = true;
                break;
            case "status":
                env["owin.ResponseStatusCode"] = Value(text)!;
                break;
            case "reason":
                env["owin.ResponseReasonPhrase"] = Value(text)!;
                break;
            case "protocol":
                env["owin.ResponseProtocol"] = text;
                break;
            case "env":
                env[text] = topic;
                break;
            case "headers":
                Replace(text);
                break;
            case "header":
                SetHeader(text);
                break;
            case "read":
                await env.RequestBody().CopyToAsync(Stream.Null);
                break;
            case "write":
                await body.WriteAsync(Encoding.UTF8.GetBytes(text));
                break;
            case "write-sync":
                body.Write(Encoding.UTF8.GetBytes(text), 0, Encoding.UTF8.GetByteCount(text));
                break;
            case "bytes":
                await body.WriteAsync(new byte[int.Parse(text, CultureInfo.InvariantCulture)]);
                break;
            case "flush":
                await body.FlushAsync();
                break;
            case "flush-sync":
                body.Flush();
                break;
            case "dispose":
                await body.DisposeAsync();
                break;
            case "disable-buffering":
                ((Action)env["server.DisableRequestBuffering"])();
                ((Action)env["server.DisableResponseBuffering"])();
                break;
            case "disconnect":
                ((Action)env["common.Disconnect"])();
                break;
            case "on-sending":
                OnSending(text);
                break;
            case "on-cancelled":
                env.CallCancelled().Register(() => NoteCancelled(text));
                break;
            case "throw":
                throw new InvalidOperationException(text);
            case "cancel":
                throw new OperationCanceledException(text);
            case "next":
                await ((Func<IDictionary<string, object>, Task>)env["node.Next"])(env);
                break;
            case "yield":
                await Task.Yield();
                break;
            case "note":
                Notes.Add(topic, text);
                break;
            case "await":
                await Notes.Wait(text, 1, CancellationToken.None);
                break;
            case "cancelled":
                await WhenCancelled();
                break;
            default:
                throw new ArgumentException($"There is no step '{step}'.");
        }
    }

    // `type:text`, or an int, or else a text.
    static object? Value(string text)
    {
        var (type, value) = text.Split(':', 2) is [var first, var second] ? (first, second) : ("", text);
        return type switch
        {
            "null" => null,
            "long" => long.Parse(value, CultureInfo.InvariantCulture),
            "ulong" => ulong.Parse(value, CultureInfo.InvariantCulture),
            "short" => short.Parse(value, CultureInfo.InvariantCulture),
            "byte" => byte.Parse(value, CultureInfo.InvariantCulture),
            "enum" => Enum.Parse<HttpStatusCode>(value),
            "double" => double.Parse(value, CultureInfo.InvariantCulture),
            "text" => value,
            _ => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : text,
        };
    }

    // `Name:value` appends a line; `Name` alone sets null, `Name:<none>` no lines, `Name:<hole>` a null line.
    void SetHeader(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, value) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        var before = headers.TryGetValue(name, out var lines) ? lines : [];
        headers[name] = value switch
        {
            null => null!,
            "<none>" => [],
            "<hole>" => [.. before, null!],
            _ => [.. before, value],
        };
    }

    void Replace(string by)
    {
        switch (by)
        {
            case "null":
                env["owin.ResponseHeaders"] = null!;
                break;
            case "removed":
                env.Remove("owin.ResponseHeaders");
                break;
            case "list":
                env["owin.ResponseHeaders"] = new List<string>();
                break;
            case "ordinal":
                env["owin.ResponseHeaders"] = headers = new Dictionary<string, string[]>(StringComparer.Ordinal);
                break;
            case "wrapped":
                env["owin.ResponseHeaders"] = new WrappedHeaders(headers);
                break;
            default:
                throw new ArgumentException(by);
        }
    }

    // `header`, `status`, `show`, `remove`, `write`, `block` or `throw`: what a callback of OnSendingHeaders does.
    void OnSending(string what)
    {
        var register = (Action<Action<object>, object>)env["server.OnSendingHeaders"];
        register(
            state =>
            {
                Notes.Add(topic, $"sending {state}");
                switch (what)
                {
                    case "header":
                        headers["X-Sending"] = ["yes"];
                        break;
                    case "status":
                        env["owin.ResponseStatusCode"] = 418;
                        env["owin.ResponseReasonPhrase"] = "Short and Stout";
                        break;
                    case "show":
                        Notes.Add(topic, $"status {env["owin.ResponseStatusCode"]}");
                        foreach (var (name, values) in headers)
                            Notes.Add(topic, $"{name}: {string.Join(" | ", values)}");
                        break;
                    case "remove":
                        headers.Remove("X-Behind");
                        headers["X-Renamed"] = ["1", "2"];
                        break;
                    case "write":
                        env.ResponseBody().Write("late"u8.ToArray(), 0, 4);
                        break;
                    case "block":
                        Notes.Wait($"{topic}:go", 1, CancellationToken.None).GetAwaiter().GetResult();
                        headers["X-Sending"] = ["late"];
                        break;
                    case "throw":
                        throw new InvalidOperationException("thrown in OnSendingHeaders");
                    case "register":
                        register(again => Notes.Add(topic, $"sending {again}"), "nested");
                        break;
                }
            },
            what
        );
    }

    // `block`: the callback returns after a note under `<id>:go`.
    void NoteCancelled(string how)
    {
        Notes.Add(topic, "cancelled");
        if (how == "block")
            Notes.Wait($"{topic}:go", 1, CancellationToken.None).GetAwaiter().GetResult();
    }

    async Task WhenCancelled()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = env.CallCancelled().Register(cancelled.SetResult);
        await cancelled.Task;
    }
}

/// <summary>What a middleware may put in place of the response headers: its own dictionary over the server's.</summary>
sealed class WrappedHeaders(IDictionary<string, string[]> inner)
    : System.Collections.ObjectModel.Collection<KeyValuePair<string, string[]>>,
        IDictionary<string, string[]>
{
    public string[] this[string key]
    {
        get => inner[key];
        set => inner[key] = value;
    }

    public ICollection<string> Keys => inner.Keys;
    public ICollection<string[]> Values => inner.Values;

    public void Add(string key, string[] value) => inner.Add(key, value);

    public bool ContainsKey(string key) => inner.ContainsKey(key);

    public bool Remove(string key) => inner.Remove(key);

    public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out string[] value) =>
        inner.TryGetValue(key, out value);

    IEnumerator<KeyValuePair<string, string[]>> IEnumerable<KeyValuePair<string, string[]>>.GetEnumerator() =>
        inner.GetEnumerator();
}
