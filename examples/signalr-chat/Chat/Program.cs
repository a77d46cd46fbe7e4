using Microsoft.AspNetCore.SignalR;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSignalR();
var app = builder.Build();
app.MapHub<Room>("/room");
app.Run();

/// <summary>One room for all who are there.</summary>
public sealed class Room : Hub
{
    static int here;

    public override Task OnConnectedAsync() => Clients.All.SendAsync("here", Interlocked.Increment(ref here));

    public override Task OnDisconnectedAsync(Exception? exception) =>
        Clients.All.SendAsync("here", Interlocked.Decrement(ref here));

    /// <summary>Tells everybody.</summary>
    public Task Say(string name, string text) => Clients.All.SendAsync("said", name, text);

    /// <summary>Counts down, one number after the other.</summary>
    public async IAsyncEnumerable<int> CountDown(int from)
    {
        for (var number = from; number >= 0; number--)
        {
            yield return number;
            await Task.Delay(200);
        }
    }
}
