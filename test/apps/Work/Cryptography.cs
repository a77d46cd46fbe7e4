using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// What on Linux is OpenSSL's, which Node has as well.
public static class Cryptography
{
    /// AES-256-GCM: the nonce, the tag, the text.
    public static byte[] Encrypt(byte[] key, byte[] text)
    {
        var nonce = RandomNumberGenerator.GetBytes(12);
        var (tag, secret) = (new byte[16], new byte[text.Length]);
        using var aes = new AesGcm(key, tag.Length);
        aes.Encrypt(nonce, text, secret, tag);
        return [.. nonce, .. tag, .. secret];
    }

    public static byte[] Sign(string privateKey, byte[] data)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(privateKey);
        return key.SignData(data, HashAlgorithmName.SHA256);
    }

    public static bool Verify(string certificate, byte[] data, byte[] signature)
    {
        using var read = X509Certificate2.CreateFromPem(certificate);
        using var key = read.GetECDsaPublicKey()!;
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256);
    }

    public static byte[] Derive(string password, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, 1_000, HashAlgorithmName.SHA512, 32);

    /// GET over TLS, of a server whose certificate this authority has signed.
    public static async Task<string> Get(string url, string authority, SslProtocols protocols)
    {
        using var root = X509Certificate2.CreateFromPem(authority);
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    EnabledSslProtocols = protocols,
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { root },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
            }
        );
        return await client.GetStringAsync(url);
    }
}
