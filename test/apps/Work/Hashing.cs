using System.Security.Cryptography;

namespace Acme.Hashing;

public static class Sha256
{
    /// <summary>SHA-256 of the data, hashed again for each round, in hexadecimal digits.</summary>
    public static string Hash(byte[] data, int rounds = 1)
    {
        for (int i = 0; i < rounds; i++)
            data = SHA256.HashData(data);
        return Convert.ToHexStringLower(data);
    }
}
