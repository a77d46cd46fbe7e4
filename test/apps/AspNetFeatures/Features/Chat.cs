using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace AspNetFeatures.Features;

static class ChatFeature
{
    public static void AddChat(this WebApplicationBuilder builder) =>
        builder.Services.AddSignalR(options =>
        {
            options.MaximumReceiveMessageSize = null;
            options.StatefulReconnectBufferSize = 1_000_000;
        });

    public static void MapChat(this WebApplication app) =>
        app.MapHub<Chat>("/chat", options => options.AllowStatefulReconnects = true);
}

/// Every way a hub and its clients call each other.
sealed class Chat : Hub
{
    public string Echo(string text) => text;

    public Task Say(string text) => Clients.All.SendAsync("said", Context.ConnectionId, text);

    public Task Join(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);

    public Task Tell(string group, string text) => Clients.Group(group).SendAsync("told", text);

    public async Task<string> Ask(string question) =>
        await Clients.Caller.InvokeAsync<string>("answer", question, default);

    public string Describe() =>
        $"{Context.GetHttpContext()!.Request.PathBase} {Context.GetHttpContext()!.Request.Path}";

    public void Fail() => throw new HubException("refused by the hub");

    /// Ends the connection in a way that the client may come back.
    public void Drop() => Context.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();

    public async IAsyncEnumerable<int> Count(int to, [EnumeratorCancellation] CancellationToken left)
    {
        for (var i = 1; i <= to; i++)
        {
            await Task.Yield();
            left.ThrowIfCancellationRequested();
            yield return i;
        }
    }

    public async Task<int> Sum(ChannelReader<int> numbers)
    {
        var sum = 0;
        await foreach (var number in numbers.ReadAllAsync())
            sum += number;
        return sum;
    }

    public async IAsyncEnumerable<string> Shout(IAsyncEnumerable<string> words)
    {
        await foreach (var word in words)
            yield return word.ToUpperInvariant();
    }
}
