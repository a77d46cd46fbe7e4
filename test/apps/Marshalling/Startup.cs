namespace Marshalling;

/// A worker, and a function in the style of edge-js.
public sealed class Startup
{
    /// Blocks its thread for a while.
    public int Execute(int value)
    {
        Thread.Sleep(1);
        return value < 0 ? throw new ArgumentOutOfRangeException(nameof(value)) : value * 2;
    }

    public Task<object?> Invoke(object? input) => Task.FromResult<object?>($"got {input ?? "null"}");
}
