using Owin.Host.Hosting;

namespace Owin.Host.Tests.Hosting;

public class LoadedAppTests
{
    static LoadedApp Load(params (string Name, string Value)[] properties) =>
        AppLoader.Load(
            7,
            new AppOptions
            {
                Source = TestApps.Built("Kitchen"),
                Properties = properties.ToDictionary(each => each.Name, each => each.Value),
            }
        );

    [Fact]
    public void Startup_properties_have_their_exact_types()
    {
        var properties = Load().Properties;
        Assert.Equal("1.0", properties["owin.Version"]);
        Assert.Equal("Kitchen.Startup", properties["host.AppName"]);
        var capabilities = Assert.IsAssignableFrom<IDictionary<string, object>>(properties["server.Capabilities"]);
        Assert.Equal("1.0", capabilities["opaque.Version"]);
        Assert.Equal("1.0", capabilities["websocket.Version"]);
        Assert.Empty(Assert.IsAssignableFrom<IList<IDictionary<string, object>>>(properties["host.Addresses"]));
        Assert.IsAssignableFrom<TextWriter>(properties["host.TraceOutput"]);
        Assert.Equal(
            properties["host.OnAppDisposing"],
            Assert.IsType<CancellationToken>(properties["server.OnDispose"])
        );
        Assert.False(properties.ContainsKey("host.AppMode"));
        Assert.False(properties.ContainsKey("HOST.APPNAME"));
    }

    [Fact]
    public void Given_properties_are_there_and_cannot_replace_the_hosts()
    {
        var properties = Load(
            ("host.AppMode", "development"),
            ("host.AppName", "Bistro"),
            ("owin.Version", "9"),
            ("acme.Key", "value")
        ).Properties;
        Assert.Equal("development", properties["host.AppMode"]);
        Assert.Equal("Bistro", properties["host.AppName"]);
        Assert.Equal("1.0", properties["owin.Version"]);
        Assert.Equal("value", properties["acme.Key"]);
    }

    [Fact]
    public void Capabilities_are_each_apps_own() =>
        Assert.NotSame(Load().Properties["server.Capabilities"], Load().Properties["server.Capabilities"]);

    [Fact]
    public void What_was_loaded_is_described()
    {
        var app = Load();
        Assert.Equal(7, app.Id);
        Assert.Equal(
            [
                "kind owin",
                "assembly Kitchen",
                "assemblyVersion 1.0.0.0",
                "type Kitchen.Startup",
                "method Invoke",
                "chosenBy the name Kitchen.Startup",
                "targetFramework .NETCoreApp,Version=v10.0",
                $"location {TestApps.Built("Kitchen")}",
            ],
            app.Describe().Chunk(2).Select(pair => $"{pair[0]} {pair[1]}")
        );
    }

    [Fact]
    public void Closing_cancels_the_disposing_token_once()
    {
        var app = Load();
        var disposing = (CancellationToken)app.Properties["host.OnAppDisposing"];
        var calls = 0;
        disposing.Register(() => calls++);
        Assert.True(disposing.CanBeCanceled);
        Assert.False(disposing.IsCancellationRequested);

        app.Close();
        app.Close();
        Assert.True(disposing.IsCancellationRequested);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Callbacks_that_throw_do_not_stop_the_others()
    {
        var app = Load();
        var disposing = (CancellationToken)app.Properties["server.OnDispose"];
        var ran = false;
        disposing.Register(() => ran = true);
        disposing.Register(() => throw new InvalidOperationException("a"));
        disposing.Register(() => throw new FormatException("b"));

        var error = Assert.Throws<AggregateException>(() => app.Close());
        Assert.Equal(["b", "a"], error.InnerExceptions.Select(each => each.Message));
        Assert.True(ran);
        app.Close();
    }
}
