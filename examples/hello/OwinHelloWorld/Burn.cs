using System.Diagnostics;
using System.Numerics;

namespace OwinHelloWorld;

/// <summary>Keeps one core busy: counts the ways to place n queens on a board of n by n.</summary>
public class Burn
{
    const int Default = 12;
    const int Largest = 18;

    public async Task Invoke(IDictionary<string, object> env)
    {
        var n = ReadSize((string)env["owin.RequestQueryString"]);
        var cancelled = (CancellationToken)env["owin.CallCancelled"];
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["text/plain"];

        var watch = Stopwatch.StartNew();
        var solutions = Place((1 << n) - 1, 0, 0, 0, cancelled);
        await using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync($"{n} queens: {solutions} solutions in {watch.ElapsedMilliseconds} ms\n");
    }

    static int ReadSize(string query) =>
        query.StartsWith("n=") && int.TryParse(query[2..], out var n) ? Math.Clamp(n, 1, Largest) : Default;

    // A bit for each column; the diagonals move one column with every row.
    static long Place(int all, int columns, int left, int right, CancellationToken cancelled)
    {
        if (columns == all)
            return 1;
        if (BitOperations.PopCount((uint)columns) < 4)
            cancelled.ThrowIfCancellationRequested();
        long solutions = 0;
        for (var free = all & ~(columns | left | right); free != 0; free &= free - 1)
        {
            var queen = free & -free;
            solutions += Place(all, columns | queen, (left | queen) << 1, (right | queen) >> 1, cancelled);
        }
        return solutions;
    }
}
