namespace Bench.Peers;

/// <summary>The same work as node-api-dotnet calls it.</summary>
public static class DynamicFunctions
{
    public const string Html = "<p>Hello, world from .NET!</p>";

    public static Task<string> HelloAsync() => Task.FromResult(Html);

    public static Task NothingAsync() => Functions.YieldAsync();

    public static Task HopAsync() => Task.Run(Functions.Nothing);

    public static async Task<Payload> EchoObjectAsync(Payload value)
    {
        await Task.Yield();
        return value;
    }

    // What it is given is JavaScript's memory until it returns.
    public static async Task<Memory<byte>> EchoAsync(Memory<byte> bytes)
    {
        await Task.Yield();
        return bytes.ToArray();
    }

    public static Task<int> QueensAsync(int n) => Task.Run(() => Functions.Queens(n));
}
