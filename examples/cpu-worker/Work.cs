using System.Security.Cryptography;

namespace Acme;

public static class Passwords
{
    /// <summary>Takes about 50 ms of a processor.</summary>
    public static string Hash(string password, string salt) =>
        Convert.ToHexStringLower(
            Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromHexString(salt), 200_000, HashAlgorithmName.SHA256, 32)
        );
}
