using System.Security.Cryptography;

namespace Acme.Hashing;

/// <summary>A hash of what is appended, piece by piece.</summary>
public sealed class Hasher(string algorithm = "SHA256") : IDisposable
{
    static int open;

    readonly IncrementalHash hash = Open(algorithm);

    static IncrementalHash Open(string algorithm)
    {
        Interlocked.Increment(ref open);
        return IncrementalHash.CreateHash(new HashAlgorithmName(algorithm));
    }

    /// <summary>How many there are that were not disposed.</summary>
    public static int OpenCount() => open;

    public void Append(byte[] data) => hash.AppendData(data);

    public async Task AppendLater(byte[] data)
    {
        await Task.Delay(20);
        hash.AppendData(data);
    }

    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose()
    {
        hash.Dispose();
        Interlocked.Decrement(ref open);
    }
}
