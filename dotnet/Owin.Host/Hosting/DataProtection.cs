using System.Security.Cryptography;
using System.Text;
using Protector = System.Tuple<System.Func<byte[], byte[]>, System.Func<byte[], byte[]>>;

namespace Owin.Host.Hosting;

/// <summary>
/// <c>security.DataProtectionProvider</c>: protects what an app gives out and wants back unchanged, cookies for one.
/// AES-GCM under a key derived from the user's master key, the app's name, the purposes and a salt of each message:
/// what was protected for another purpose, or changed, throws CryptographicException.
/// <para>
/// The master key is made once, in the user's local application data, readable by that user alone, so it outlives the
/// process. Where it cannot be written it is the process's own, which is said in host.TraceOutput.
/// </para>
/// <para>Threads: any.</para>
/// </summary>
internal static class DataProtection
{
    const byte Version = 1;
    const int MasterBytes = 64;
    const int SaltBytes = 16;
    const int KeyBytes = 32;
    const int NonceBytes = 12;
    const int TagBytes = 16;
    const int Overhead = 1 + SaltBytes + TagBytes;

    static readonly Lazy<byte[]> Master = new(() => ReadOrCreate(KeyFile));

    static string KeyFile =>
        Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify
            ),
            "owin",
            "data-protection.key"
        );

    /// <summary>The provider of an app; two apps of one name understand each other.</summary>
    public static Func<string[], Protector> Provider(string appName) =>
        purposes =>
        {
            ArgumentNullException.ThrowIfNull(purposes);
            var info = Info([appName, .. purposes]);
            return Tuple.Create<Func<byte[], byte[]>, Func<byte[], byte[]>>(
                data => Protect(data, info),
                data => Unprotect(data, info)
            );
        };

    static byte[] Protect(byte[] data, byte[] info)
    {
        ArgumentNullException.ThrowIfNull(data);
        var result = new byte[Overhead + data.Length];
        result[0] = Version;
        var salt = result.AsSpan(1, SaltBytes);
        RandomNumberGenerator.Fill(salt);
        Span<byte> derived = stackalloc byte[KeyBytes + NonceBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Master.Value, derived, salt, info);
        using var aes = new AesGcm(derived[..KeyBytes], TagBytes);
        var tag = result.AsSpan(1 + SaltBytes, TagBytes);
        aes.Encrypt(derived[KeyBytes..], data, result.AsSpan(Overhead), tag, result.AsSpan(0, 1));
        return result;
    }

    static byte[] Unprotect(byte[] data, byte[] info)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Length < Overhead || data[0] != Version)
            throw new CryptographicException("This was not protected by owin's security.DataProtectionProvider.");
        Span<byte> derived = stackalloc byte[KeyBytes + NonceBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Master.Value, derived, data.AsSpan(1, SaltBytes), info);
        using var aes = new AesGcm(derived[..KeyBytes], TagBytes);
        var result = new byte[data.Length - Overhead];
        var tag = data.AsSpan(1 + SaltBytes, TagBytes);
        aes.Decrypt(derived[KeyBytes..], data.AsSpan(Overhead), tag, result, data.AsSpan(0, 1));
        return result;
    }

    // With their lengths, so that no two lists of names are the same bytes.
    static byte[] Info(string[] names)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        foreach (var name in names)
            writer.Write(name);
        return bytes.ToArray();
    }

    static byte[] ReadOrCreate(string file)
    {
        try
        {
            if (!File.Exists(file))
                Create(file);
            var key = File.ReadAllBytes(file);
            return key.Length == MasterBytes
                ? key
                : throw new IOException($"it has {key.Length} bytes, not {MasterBytes}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TraceOutput.Instance.WriteLine(
                $"security.DataProtectionProvider: the key {file} cannot be used: {error.Message}. What is protected "
                    + "now will not be understood after a restart."
            );
            return RandomNumberGenerator.GetBytes(MasterBytes);
        }
    }

    // Whole or not at all, and the first of several processes wins.
    static void Create(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        var own = Path.Combine(folder, Path.GetRandomFileName());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            const UnixFileMode User = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Directory.CreateDirectory(folder, User | UnixFileMode.UserExecute);
            options.UnixCreateMode = User;
        }
        using (var stream = new FileStream(own, options))
            stream.Write(RandomNumberGenerator.GetBytes(MasterBytes));
        try
        {
            File.Move(own, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(own);
        }
    }
}
