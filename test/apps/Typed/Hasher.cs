namespace Acme.Hashing;

/// <summary>Counts bytes, which is no hash at all.</summary>
public sealed class Hasher : IDisposable
{
    long total;

    /// <param name="start">What to begin with.</param>
    public Hasher(long start = 0) => total = start;

    /// <summary>Raised for each block.</summary>
    public event EventHandler<int>? Appended;

    public long Total => total;

    public string Name { get; set; } = "bytes";

    public static int Instances { get; private set; }

    /// <summary>
    /// Adds <paramref name="data" />.
    /// </summary>
    /// <param name="data">The bytes.</param>
    /// <returns>How many there are now.</returns>
    /// <exception cref="ObjectDisposedException">It is gone.</exception>
    public async Task<long> Append(byte[] data, CancellationToken cancellation = default)
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        total += data.Length;
        Appended?.Invoke(this, data.Length);
        return total;
    }

    [Obsolete("Use Append.")]
    public void Add(byte[] data) => total += data.Length;

    public Task<long> Append(string text) => Append(System.Text.Encoding.UTF8.GetBytes(text));

    public int Copy(Span<byte> target) => target.Length;

    public bool TryTotal(out long value)
    {
        value = total;
        return true;
    }

    public void Dispose() => Instances--;

    public enum Mode
    {
        Fast,
        Thorough,
    }

    public static class Modes
    {
        public static Mode Parse(string text) => Enum.Parse<Mode>(text);
    }
}

public static class Hashing
{
    /// <summary>Sums in rounds.</summary>
    public static string Sha256(
        byte[] data,
        int rounds,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        for (var i = 0; i < rounds; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((double)i / rounds);
        }
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(data));
    }

    public static int Sum(string label, params int[] numbers) => label.Length + numbers.Sum();
}
