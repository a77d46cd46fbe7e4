using Owin;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Builder;

/// Answers "/", and lets the rest fall through.
public class Startup
{
    public void Configuration(IAppBuilder app) =>
        app.Use(new Func<AppFunc, AppFunc>(next => env => env.Path() == "/" ? env.Answer("configured") : next(env)));
}

public class Later
{
    public async Task Configuration(IAppBuilder app)
    {
        await Task.Yield();
        app.Use(new Func<AppFunc, AppFunc>(_ => env => env.Answer("configured later")));
    }
}

/// Each form of Use adds its name to the header X-Trace; what is refused is noted there at startup.
public class Forms
{
    public void Configuration(IAppBuilder app)
    {
        app.Use(
                new Func<AppFunc, string, int, AppFunc>((next, a, b) => env => Trace(env, $"delegate {a} {b}", next)),
                "a",
                1
            )
            .Use(new WithInitialize(), "b")
            .Use(new WithInvoke(), "c", null!)
            .Use(typeof(WithConstructor), "d")
            .Use(typeof(WithConstructor))
            .Use(new Func<AppFunc, AppFunc>(_ => env => env.Answer(string.Join('\n', Refused(app)))));
    }

    public static Task Trace(IDictionary<string, object> env, string what, AppFunc next)
    {
        var headers = env.ResponseHeaders();
        headers["X-Trace"] = [.. headers.TryGetValue("X-Trace", out var before) ? before : [], what];
        return next(env);
    }

    static IEnumerable<string> Refused(IAppBuilder app)
    {
        object[] wrong = [null!, typeof(Startup), new object(), new Action(() => { })];
        foreach (var each in wrong)
        {
            var error = Record(() => app.New().Use(each));
            yield return $"{error?.GetType()}: {error?.Message}";
        }
    }

    static Exception? Record(Action call)
    {
        try
        {
            call();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}

public class WithInitialize
{
    AppFunc next = null!;
    string text = "";

    public void Initialize(AppFunc next, string text) => (this.next, this.text) = (next, text);

    public Task Invoke(IDictionary<string, object> env) => Forms.Trace(env, $"Initialize {text}", next);
}

public class WithInvoke
{
    public AppFunc Invoke(AppFunc next, string text, object nothing) =>
        env => Forms.Trace(env, $"Invoke {text} {nothing == null}", next);
}

public class WithConstructor(AppFunc next, string text)
{
    public WithConstructor(AppFunc next)
        : this(next, "nothing") { }

    public Task Invoke(IDictionary<string, object> env) => Forms.Trace(env, $"constructor {text}", next);
}

public class ThrowingMiddleware
{
    public ThrowingMiddleware(AppFunc next) =>
        throw new InvalidOperationException($"the middleware says no {next != null}");

    public static void Configuration(IAppBuilder app) => app.Use(typeof(ThrowingMiddleware));
}

/// Middleware in a signature of its own, which takes one conversion each way, or two.
public class Conversions
{
    delegate string Shout(string text);
    delegate char[] Letters(string text);

    public void Configuration(IAppBuilder app)
    {
        var add = (Action<Delegate>)app.Properties["builder.AddSignatureConversion"];
        add(new Func<Shout, AppFunc>(shout => env => env.Answer(shout(env.Path()))));
        add(new Func<AppFunc, Shout>(_ => text => text));
        add(new Func<Letters, Shout>(letters => text => new string(letters(text))));
        add(new Func<Shout, Letters>(shout => text => shout(text).ToCharArray()));
        app.Use(new Func<Shout, Shout>(next => text => $"[{next(text)}]"));
        app.Use(new Func<Letters, Letters>(next => text => [.. next(text).Reverse()]));
    }
}

public class NoConversion
{
    public void Configuration(IAppBuilder app) => app.Use(new Func<int, int>(each => each));
}

/// A branch is built on a new builder and shares the properties.
public class Branches
{
    public void Configuration(IAppBuilder app)
    {
        app.Properties["acme.Shared"] = "shared";
        var branch = app.New();
        branch.Use(
            new Func<AppFunc, AppFunc>(next =>
                env => env.Path() == "/branch" ? env.Answer((string)branch.Properties["acme.Shared"]) : next(env)
            )
        );
        var built = (AppFunc)branch.Build(typeof(AppFunc));
        app.Use(new Func<AppFunc, AppFunc>(next => env => env.Path().StartsWith("/branch") ? built(env) : next(env)));
    }
}
