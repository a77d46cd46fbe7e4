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
