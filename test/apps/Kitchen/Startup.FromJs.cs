using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using JsFunc = System.Func<object, System.Threading.Tasks.Task<object>>;

namespace Kitchen;

/// What JavaScript gives a request beside what came from the client.
public sealed partial class Startup
{
    static readonly List<string> Activities = [];
    static readonly ActivitySource KitchenSource = new("kitchen");
    static JsFunc? keptFunction;
    static ActivityListener? listener;

    static Dictionary<string, AppFunc> FromJs =>
        new()
        {
            ["/certificate"] = ShowCertificate,
            ["/user"] = ShowUser,
            ["/set-user"] = SetUser,
            ["/value"] = ShowValue,
            ["/call"] = CallFunction,
            ["/call-kept"] = env => AnswerCall(env, keptFunction!, "late"),
            ["/listen"] = Listen,
            ["/traced"] = Traced,
            ["/activities"] = ShowActivities,
        };

    static async Task ShowCertificate(IDictionary<string, object> env)
    {
        var load = env.TryGetValue("ssl.LoadClientCertAsync", out var found) ? (Func<Task>)found : null;
        if (load != null)
        {
            await load();
            await load();
        }
        var certificate = env.TryGetValue("ssl.ClientCertificate", out found) ? (X509Certificate2)found : null;
        var error = env.TryGetValue("ssl.ClientCertificateErrors", out found) ? (Exception)found : null;
        await env.Answer(
            Lines(
                new()
                {
                    ["load"] = load != null,
                    ["thumbprint"] = certificate?.Thumbprint ?? "absent",
                    ["subject"] = certificate?.Subject,
                    ["error"] = error?.Message ?? "absent",
                    ["same"] = certificate != null && ReferenceEquals(certificate, env["ssl.ClientCertificate"]),
                }
            )
        );
    }

    /// The user's name, its claims, and whether both keys hold the same.
    static Task ShowUser(IDictionary<string, object> env)
    {
        if (!env.TryGetValue("owin.RequestUser", out var found))
            return env.Answer($"absent={!env.ContainsKey("server.User")}\n");
        var user = (ClaimsPrincipal)found;
        var identity = (ClaimsIdentity)user.Identity!;
        var claims = string.Join('|', user.Claims.Select(each => $"{each.Type.Split('/')[^1]}:{each.Value}"));
        return env.Answer(
            Lines(
                new()
                {
                    ["name"] = identity.Name,
                    ["type"] = identity.AuthenticationType,
                    ["authenticated"] = identity.IsAuthenticated,
                    ["same"] = ReferenceEquals(user, env["server.User"]),
                    ["admin"] = user.IsInRole("admin"),
                    ["claims"] = claims,
                }
            )
        );
    }

    /// Sets the user `?name=`, or takes it away, then goes on with `&next`, or answers.
    static Task SetUser(IDictionary<string, object> env)
    {
        env["server.User"] = env.Query("name") is { } name
            ? new ClaimsPrincipal(
                new ClaimsIdentity(
                    [
                        new Claim(ClaimTypes.NameIdentifier, "7"),
                        new Claim(ClaimTypes.Name, name),
                        new Claim(ClaimTypes.Email, "ella@example.org"),
                        new Claim(ClaimTypes.Role, "admin"),
                        new Claim("custom", "é"),
                    ],
                    "kitchen"
                )
            )
            : null!;
        return env.Query("next") != null ? ((AppFunc)env["node.Next"])(env) : env.Answer("set");
    }

    /// The value under `?key=`, with its type, and what is in it.
    static Task ShowValue(IDictionary<string, object> env) =>
        env.Answer(env.TryGetValue(env.Query("key")!, out var value) ? Describe(value) : "absent");

    static string Describe(object? value) =>
        value switch
        {
            null => "null",
            string text => $"string {text}",
            byte[] bytes => $"bytes {Convert.ToHexStringLower(bytes)}",
            DateTime time => $"{time.Kind} {time.ToString("O", CultureInfo.InvariantCulture)}",
            JsFunc => "function",
            IDictionary<string, object> map =>
                $"{{{string.Join(", ", map.Select(each => $"{each.Key}: {Describe(each.Value)}"))}}}",
            IList list => $"[{string.Join(", ", list.Cast<object?>().Select(Describe))}]",
            _ => $"{value.GetType().Name} {Convert.ToString(value, CultureInfo.InvariantCulture)}",
        };

    /// Calls the function under `?key=` with `&text=`; `&keep` keeps it for later.
    static async Task CallFunction(IDictionary<string, object> env)
    {
        var function = (JsFunc)env[env.Query("key")!];
        if (env.Query("keep") != null)
            keptFunction = function;
        await AnswerCall(env, function, Argument(env.Query("text") ?? ""));
    }

    static object? Argument(string text)
    {
        var cycle = new List<object?> { 1 };
        if (text == "cycle")
            cycle.Add(new Dictionary<string, object?> { ["again"] = cycle });
        return text switch
        {
            "cycle" => cycle,
            "type" => new Dictionary<string, object> { ["a"] = new object[] { 1, typeof(Version) } },
            "all" => new Dictionary<string, object?>
            {
                ["null"] = null,
                ["bool"] = true,
                ["int"] = -5,
                ["byte"] = (byte)200,
                ["long"] = long.MaxValue,
                ["double"] = 1.5,
                ["string"] = "é\ud800\0z",
                ["date"] = new DateTime(2001, 2, 3, 4, 5, 6, 7, DateTimeKind.Utc),
                ["bytes"] = new byte[] { 0, 255 },
                ["list"] = new[] { 1, 2 },
                ["__proto__"] = "own",
            },
            _ => text,
        };
    }

    static async Task AnswerCall(IDictionary<string, object> env, JsFunc function, object? argument)
    {
        string answer;
        try
        {
            answer = Describe(await function(argument!));
        }
        catch (Exception error)
        {
            answer = $"{error.GetType()}: {error.Message}\n{error.StackTrace}";
        }
        await env.Answer(answer);
    }

    /// From now on Activities are made and kept; `?off`: no longer.
    static Task Listen(IDictionary<string, object> env)
    {
        listener?.Dispose();
        listener = null;
        if (env.Query("off") == null)
        {
            listener = new ActivityListener
            {
                ShouldListenTo = static _ => true,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = static each =>
                {
                    lock (Activities)
                        Activities.Add(
                            $"{each.Source.Name} {each.DisplayName} {each.Kind} {each.TraceId} {each.ParentSpanId} {each.SpanId} {each.Status} {each.GetTagItem("http.response.status_code")} {each.GetTagItem("url.path")}"
                        );
                },
            };
            ActivitySource.AddActivityListener(listener);
        }
        return env.Answer("");
    }

    /// An Activity of the app's own inside of the request's; `?throw` throws in it.
    static async Task Traced(IDictionary<string, object> env)
    {
        using var activity = KitchenSource.StartActivity("work");
        await Task.Yield();
        if (env.Query("throw") != null)
            throw new InvalidOperationException("thrown in an Activity");
        await env.Answer($"{Activity.Current?.Id ?? "none"}");
    }

    static Task ShowActivities(IDictionary<string, object> env)
    {
        lock (Activities)
        {
            var text = string.Join('\n', Activities);
            Activities.Clear();
            return env.Answer(text);
        }
    }
}
