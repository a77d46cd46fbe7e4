namespace Bench.Peers;

/// <summary>The same work in the one signature that edge-js calls.</summary>
public class EdgeFunctions
{
    public Task<object?> Hello(object? input) => Task.FromResult<object?>(DynamicFunctions.Html);

    public async Task<object?> Nothing(object? input)
    {
        await Functions.YieldAsync();
        return null;
    }

    public Task<object?> Hop(object? input) => Task.Run(() => (object?)null);

    public async Task<object?> Echo(object? input)
    {
        await Task.Yield();
        return input;
    }

    public Task<object?> Queens(object? input) => Task.Run<object?>(() => Functions.Queens((int)input!));
}
