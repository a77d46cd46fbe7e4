namespace Bench;

/// <summary>What the comparisons of functions call, whoever calls it.</summary>
public static class Functions
{
    public static void Nothing() { }

    public static Task NothingAsync() => Task.CompletedTask;

    /// <summary>Goes on where the caller's context lets it.</summary>
    public static async Task YieldAsync() => await Task.Yield();

    public static byte[] Echo(byte[] bytes) => bytes;

    public static Payload EchoObject(Payload value) => value;

    /// <summary>Solutions of the puzzle with n queens.</summary>
    public static int Queens(int n) => Place((1 << n) - 1, 0, 0, 0);

    static int Place(int all, int columns, int left, int right)
    {
        if (columns == all)
            return 1;
        int count = 0;
        int free = all & ~(columns | left | right);
        while (free != 0)
        {
            int bit = free & -free;
            free ^= bit;
            count += Place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
        }
        return count;
    }
}
