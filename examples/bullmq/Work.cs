using System.Security.Cryptography;
using System.Text;

/// <summary>What the jobs do.</summary>
public static class Work
{
    /// <summary>Hashes a text again and again; tells every hundredth of it, and stops when it is told to.</summary>
    public static string Hash(string text, int rounds, IProgress<int> progress, CancellationToken cancel)
    {
        var data = Encoding.UTF8.GetBytes(text);
        int step = Math.Max(1, rounds / 100);
        for (int i = 1; i <= rounds; i++)
        {
            cancel.ThrowIfCancellationRequested();
            data = SHA256.HashData(data);
            if (i % step == 0)
                progress.Report(i / step);
        }
        return Convert.ToHexString(data);
    }
}
