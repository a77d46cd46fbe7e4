using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Owin.Host.Hosting;

namespace Owin.Host.Tests.Hosting;

public class AppLoadContextTests
{
    static AssemblyLoadContext ContextOf(OwinApp app) =>
        AssemblyLoadContext.GetLoadContext(app.Handler.Method.Module.Assembly)!;

    [Fact]
    public async Task Two_apps_use_their_own_versions_of_a_package_at_the_same_time()
    {
        var twelve = TestApps.Load(TestApps.Published("NewtonsoftTwelve"));
        var thirteen = TestApps.Load(TestApps.Published("NewtonsoftThirteen"));
        var answers = await Task.WhenAll(twelve.Ask(), thirteen.Ask(), twelve.Ask(), thirteen.Ask());
        for (var i = 0; i < answers.Length; i++)
        {
            var (app, version) = i % 2 == 0 ? ("NewtonsoftTwelve", "12.0.0.0") : ("NewtonsoftThirteen", "13.0.0.0");
            var folder = Path.GetDirectoryName(TestApps.Published(app))!;
            Assert.Contains($"\"version\":\"{version}\"", answers[i]);
            Assert.Contains(Path.Combine(folder, "Newtonsoft.Json.dll"), answers[i]);
        }
    }

    [Fact]
    public async Task A_native_library_is_found_by_the_deps_file()
    {
        var app = TestApps.Load(TestApps.Published("Sqlite"));
        Assert.Equal("Miles plays trumpet, Bill plays piano", await app.Ask());
    }

    [Fact]
    public async Task A_native_library_is_found_beside_the_app_without_a_deps_file()
    {
        using var folder = new TemporaryFolder();
        var published = Path.GetDirectoryName(TestApps.Published("Sqlite"))!;
        foreach (var file in Directory.GetFiles(published, "*.dll"))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        var native = Directory.GetFiles(
            Path.Combine(published, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")
        );
        File.Copy(native.Single(), folder.File(Path.GetFileName(native.Single())));

        var app = TestApps.Load(folder.File("Sqlite.dll"));
        Assert.Equal("Miles plays trumpet, Bill plays piano", await app.Ask());
    }

    [Fact]
    public async Task An_assembly_is_found_beside_the_app_without_a_deps_file()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(Path.GetDirectoryName(TestApps.Built("MissingDependency"))!, "MissingDependency.dll");
        folder.Copy(
            Path.GetDirectoryName(TestApps.Built("MissingDependency.Library"))!,
            "MissingDependency.Library.dll"
        );
        Assert.Equal("not reached", await TestApps.Load(source, "MissingDependency.Later").Ask());
    }

    [Fact]
    public async Task An_assembly_is_found_beside_the_app_when_the_deps_file_does_not_list_it()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(
            Path.GetDirectoryName(TestApps.Built("MissingDependency"))!,
            "MissingDependency.dll",
            "MissingDependency.deps.json"
        );
        folder.Copy(
            Path.GetDirectoryName(TestApps.Built("MissingDependency.Library"))!,
            "MissingDependency.Library.dll"
        );
        Assert.Equal("not reached", await TestApps.Load(source, "MissingDependency.Later").Ask());
    }

    [Fact]
    public async Task Framework_and_bridge_are_shared_even_where_the_app_brings_copies()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(Path.GetDirectoryName(TestApps.Built("Kitchen"))!, "Kitchen.dll");
        var concurrent = typeof(System.Collections.Concurrent.ConcurrentBag<>).Assembly;
        File.Copy(concurrent.Location, folder.File(Path.GetFileName(concurrent.Location)));
        File.Copy(typeof(AppLoader).Assembly.Location, folder.File("Owin.Host.dll"));

        var app = TestApps.Load(source);
        Assert.Equal("<p>Hello, world from .NET!</p>", await app.Ask("/hello"));
        var context = ContextOf(app);
        Assert.Same(concurrent, context.LoadFromAssemblyName(concurrent.GetName()));
        Assert.Same(typeof(AppLoader).Assembly, context.LoadFromAssemblyName(new AssemblyName("Owin.Host")));
        Assert.Equal(["Kitchen"], context.Assemblies.Select(each => each.GetName().Name));
    }

    [Fact]
    public async Task A_newer_part_of_the_framework_is_the_apps_own_when_it_brings_one()
    {
        using var folder = new TemporaryFolder();
        var name = "System.Collections.Concurrent";
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        File.WriteAllBytes(folder.File("Kitchen.dll"), PatchedAssembly.Refer(TestApps.Built("Kitchen"), name, 99));
        File.WriteAllBytes(
            folder.File($"{name}.dll"),
            PatchedAssembly.Rename(Path.Combine(framework, $"{name}.dll"), 99)
        );

        var app = TestApps.Load(folder.File("Kitchen.dll"));
        Assert.Equal("<p>Hello, world from .NET!</p>", await app.Ask("/hello"));
        Assert.Contains(ContextOf(app).Assemblies, each => each.FullName!.StartsWith($"{name}, Version=99."));
    }

    [Fact]
    public void The_same_app_twice_is_two_apps()
    {
        var (first, second) = (TestApps.Load(TestApps.Built("Kitchen")), TestApps.Load(TestApps.Built("Kitchen")));
        Assert.NotSame(first.Handler.Target!.GetType(), second.Handler.Target!.GetType());
    }

    [Fact]
    public void Contexts_are_collectible_only_when_asked()
    {
        Assert.False(ContextOf(TestApps.Load(TestApps.Built("Kitchen"))).IsCollectible);
    }

    [Theory]
    [InlineData("Kitchen", AppKinds.Owin)]
    [InlineData("MessageHandlers", AppKinds.MessageHandler)]
    public void An_unloadable_app_goes_away_after_it_is_closed(string name, string kind)
    {
        var context = LoadUseAndClose(name, kind);
        for (var i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(context.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference LoadUseAndClose(string name, string kind)
    {
        var options = new AppOptions
        {
            Source = TestApps.Built(name),
            Kind = kind,
            Unloadable = true,
        };
        var app = (OwinApp)AppLoader.Load(1, options);
        if (kind == AppKinds.Owin)
            Assert.Contains("Hello", app.Ask("/hello").GetAwaiter().GetResult());
        var context = new WeakReference(app.Context);
        app.Close();
        return context;
    }
}
