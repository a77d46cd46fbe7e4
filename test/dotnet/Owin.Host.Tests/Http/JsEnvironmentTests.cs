using Owin.Host.Hosting;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class JsEnvironmentTests
{
    [Fact]
    public async Task Exchanges_are_found_by_slot_and_generation()
    {
        var call = await HeldCall.Begin();
        var environment = call.Node.Environment;
        Assert.NotNull(environment.Find(3, 9));
        Assert.Null(environment.Find(3, 8));
        Assert.Null(environment.Find(3, 10));
        Assert.Null(environment.Find(2, 9));
        Assert.Null(environment.Find(-1, 9));
        Assert.Null(environment.Find(int.MaxValue, 9));
    }

    [Fact]
    public async Task A_slot_in_use_again_is_not_freed_by_its_last_exchange()
    {
        var call = await HeldCall.Begin();
        var first = call.Node.Environment.Find(3, 9)!;
        call.Node.Environment.Remove(first);
        call.Node.Environment.Add(first);
        call.Node.Request(new() { Headers = ["Host", "second"] }, slot: 3, generation: 10);
        call.Node.Environment.Remove(first);
        Assert.NotNull(call.Node.Environment.Find(3, 10));
    }

    [Fact]
    public async Task There_is_room_for_any_number_of_exchanges()
    {
        var pending = new TaskCompletionSource();
        var node = new FakeNode(_ => pending.Task);
        for (int slot = 0; slot < 1000; slot++)
            node.Request(new(), slot);
        Assert.Equal(1000, node.Environment.ExchangeCount);
        pending.SetResult();
        for (int slot = 0; slot < 1000; slot++)
            await node.Inbox.Next(ToJs.Response);
        Assert.True(SpinWait.SpinUntil(() => node.Environment.ExchangeCount == 0, TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1 << 20)]
    [InlineData(int.MaxValue)]
    public async Task A_slot_that_cannot_be_is_reported_and_takes_no_memory(int slot)
    {
        var node = new FakeNode(_ => Task.CompletedTask);
        node.Request(new(), slot);
        var report = await node.Inbox.Next(ToJs.Unhandled);
        Assert.Equal($"There is no slot {slot}.", report.ErrorMessage);
        Assert.Equal(0, node.Environment.ExchangeCount);
    }

    [Fact]
    public void A_closed_environment_leaves_its_load_contexts_to_the_next_one()
    {
        using var folder = new TemporaryFolder();
        var source = folder.File("Kitchen.dll");
        File.Copy(TestApps.Built("Kitchen"), source);
        var first = new JsEnvironment(1);
        var closedBefore = TestApps.Load(source);
        Assert.True(first.AddApp(closedBefore));
        Assert.Same(closedBefore, first.RemoveApp(1));

        var stillOpen = TestApps.Load(source);
        Assert.NotSame(closedBefore.Context, stillOpen.Context);
        Assert.True(first.AddApp(stillOpen));
        var told = new ManualResetEventSlim();
        ((CancellationToken)stillOpen.Properties["host.OnAppDisposing"]).Register(told.Set);
        first.Close();
        Assert.True(told.Wait(TimeSpan.FromSeconds(20)));

        AppLoadContext[] left = [closedBefore.Context, stillOpen.Context];
        AppLoadContext? taken = null;
        Assert.True(SpinWait.SpinUntil(() => (taken = SpareContexts.Take(source)) != null, TimeSpan.FromSeconds(20)));
        Assert.Contains(taken, left);
        Assert.True(SpinWait.SpinUntil(() => (taken = SpareContexts.Take(source)) != null, TimeSpan.FromSeconds(20)));
        Assert.Contains(taken, left);
        Assert.Null(SpareContexts.Take(source));
    }

    [Fact]
    public async Task Closing_tells_the_apps_and_takes_no_more()
    {
        var node = new FakeNode(_ => Task.CompletedTask);
        var told = new TaskCompletionSource();
        ((CancellationToken)node.App.Properties["host.OnAppDisposing"]).Register(told.SetResult);
        node.Environment.Close();
        await told.Task.InTime();
        Assert.Null(node.Environment.FindApp(1));
        Assert.False(node.Environment.AddApp(TestApp.Create(_ => Task.CompletedTask, id: 2)));
    }

    [Fact]
    public void An_app_has_its_number_to_itself()
    {
        var node = new FakeNode(_ => Task.CompletedTask);
        Assert.False(node.Environment.AddApp(TestApp.Create(_ => Task.CompletedTask)));
        Assert.Same(node.App, node.Environment.FindApp(1));
        Assert.Same(node.App, node.Environment.RemoveApp(1));
        Assert.Null(node.Environment.RemoveApp(1));
        Assert.True(node.Environment.AddApp(TestApp.Create(_ => Task.CompletedTask)));
    }
}
