using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using MidFunc = System.Func<
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>;

namespace Shapes;

public class AppOfProperties
{
    public AppFunc Configuration(IDictionary<string, object> properties) =>
        env => env.Answer($"made for {properties["host.AppName"]}");
}

public class ObjectOfProperties
{
    public object Configuration(IDictionary<string, object> properties) =>
        new AppFunc(env => env.Answer($"object for {properties["host.AppName"]}"));
}

public class ObjectOfNothing
{
    public object Configuration() => new WithInvoke();
}

public class WithInvoke
{
    public Task Invoke(IDictionary<string, object> env) => env.Answer("an object's Invoke");
}

public static class Middleware
{
    public static AppFunc Invoke(AppFunc next) => env => env.Path() == "/fall" ? next(env) : env.Answer("middleware");
}

public class MiddlewareOfProperties
{
    public MidFunc Configuration(IDictionary<string, object> properties) =>
        next => env => env.Path() == "/fall" ? next(env) : env.Answer($"middleware of {properties["host.AppName"]}");
}

public class MiddlewareOfNothing
{
    public MidFunc Configuration() => next => env => env.Path() == "/fall" ? next(env) : env.Answer("returned");
}

public class BuildFunc
{
    public void Configuration(Action<Func<IDictionary<string, object>, MidFunc>> build)
    {
        build(properties => next => env => Tagged(next, env, (string)properties["host.AppName"]));
        build(_ => next => env => env.Path() == "/fall" ? next(env) : env.Answer("built"));
    }

    static Task Tagged(AppFunc next, IDictionary<string, object> env, string tag)
    {
        env.ResponseHeaders()["X-Tag"] = [tag];
        return next(env);
    }
}

public class Nothing
{
    public object? Configuration() => null;
}

public class NoApp
{
    public object Configuration() => "a text";
}

public class Misfit
{
    public int Configuration() => 1;

    public void Configuration(string text) { }

    public Task<int> Configuration(Dictionary<string, object> env) => Task.FromResult(env.Count);
}

public class FailsInside
{
    public object Configuration() => throw new InvalidOperationException("thrown by Configuration");
}

public class NeverReturns
{
    public object Configuration()
    {
        Thread.Sleep(Timeout.Infinite);
        return this;
    }
}
