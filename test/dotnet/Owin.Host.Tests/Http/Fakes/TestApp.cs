using Owin.Host.Hosting;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Tests.Http;

/// <summary>The startup type of apps that are a delegate of a test.</summary>
public sealed class DelegateStartup
{
    [ThreadStatic]
    internal static AppFunc? Given;

    readonly AppFunc handler = Given!;

    public Task Invoke(IDictionary<string, object> environment) => handler(environment);
}

static class TestApp
{
    static readonly AppLoadContext Context = new(typeof(TestApp).Assembly.Location, isCollectible: false);

    public static LoadedApp Create(AppFunc handler, int id = 1, params (string Name, string Value)[] properties)
    {
        DelegateStartup.Given = handler;
        var options = new AppOptions
        {
            Source = typeof(TestApp).Assembly.Location,
            Type = typeof(DelegateStartup).FullName,
            Properties = properties.ToDictionary(each => each.Name, each => each.Value),
        };
        return new OwinApp(id, Context, StartupLocator.Find(Context, typeof(TestApp).Assembly, options), options);
    }
}
