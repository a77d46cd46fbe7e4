namespace Acme;

public static class Calls
{
    public static void Nothing() { }

    public static int Add(int left, int right) => left + right;

    public static string Text(string text) => text;

    public static byte[] Bytes(byte[] bytes) => bytes;

    public static object? Any(object? value) => value;

    public static Task NothingAsync() => Task.CompletedTask;

    public static async Task<int> AddAsync(int left, int right)
    {
        await Task.Yield();
        return left + right;
    }

    public static async ValueTask<int> AddLater(int left, int right)
    {
        await Task.Delay(1);
        return left + right;
    }

    public static int Fails(string message) => throw new InvalidOperationException(message);

    public static int Sum(string name, params int[] numbers) => name.Length + numbers.Sum();

    public static async Task<string> WaitForCancellation(CancellationToken cancellation)
    {
        await Task.Delay(Timeout.Infinite, cancellation);
        return "never";
    }
}
