using Owin.Host.Hosting;

namespace Owin.Host.Tests.Hosting;

public class SpareContextsTests
{
    static AppLoadContext Loaded(string source)
    {
        var context = new AppLoadContext(source, isCollectible: false);
        context.LoadApp();
        return context;
    }

    static string Copy(TemporaryFolder folder)
    {
        var source = folder.File("Kitchen.dll");
        File.Copy(TestApps.Built("Kitchen"), source);
        return source;
    }

    [Fact]
    public void A_context_goes_to_one_app_of_its_file()
    {
        using var folder = new TemporaryFolder();
        var source = Copy(folder);
        Assert.Null(SpareContexts.Take(source));
        var context = Loaded(source);
        SpareContexts.Give(context);
        Assert.Null(SpareContexts.Take(folder.File("Other.dll")));
        Assert.Same(context, SpareContexts.Take(source));
        Assert.Null(SpareContexts.Take(source));
    }

    [Fact]
    public void The_loader_takes_it_unless_the_app_is_to_be_unloaded()
    {
        using var folder = new TemporaryFolder();
        var source = Copy(folder);
        var context = Loaded(source);
        SpareContexts.Give(context);
        var unloadable = AppLoader.Load(1, new AppOptions { Source = source, Unloadable = true });
        Assert.NotSame(context, unloadable.Context);
        unloadable.Close();
        Assert.Same(context, TestApps.Load(source).Context);
    }

    [Fact]
    public void A_context_whose_file_has_been_written_since_is_not_taken()
    {
        using var folder = new TemporaryFolder();
        var source = Copy(folder);
        SpareContexts.Give(Loaded(source));
        File.SetLastWriteTimeUtc(source, DateTime.UtcNow.AddDays(-1));
        Assert.Null(SpareContexts.Take(source));
    }

    [Fact]
    public void A_context_that_can_be_unloaded_is_not_kept()
    {
        using var folder = new TemporaryFolder();
        var source = Copy(folder);
        SpareContexts.Give(new AppLoadContext(source, isCollectible: true));
        Assert.Null(SpareContexts.Take(source));
    }
}
