namespace Owin.Host;

/// <summary>
/// Keeps the OpenSSL that .NET uses on Linux apart from the one that Node is built with. Node exports the functions of
/// its own to every library of the process, so the system's would call these in the middle of itself, and crash where the
/// two are of different versions.
/// <para>.NET loads it when it first needs it: with the assembly that this waits for, it is there before.</para>
/// </summary>
internal static class OpenSsl
{
    // Whoever uses it, loads this one first: TLS as well.
    const string User = "System.Security.Cryptography,";

    // As the runtime looks for it: System.Security.Cryptography.Native/opensslshim.c.
    static readonly string[] versions = ["3", "1.1", "1.0.2", "1.0.0", "10"];

    public static void KeepApart()
    {
        if (OperatingSystem.IsLinux())
            AppDomain.CurrentDomain.AssemblyLoad += LoadWithUser;
    }

    static void LoadWithUser(object? sender, AssemblyLoadEventArgs args)
    {
        if (args.LoadedAssembly.FullName?.StartsWith(User, StringComparison.Ordinal) != true)
            return;
        AppDomain.CurrentDomain.AssemblyLoad -= LoadWithUser;
        Load(Path.GetDirectoryName(args.LoadedAssembly.Location)!);
    }

    // Builds of .NET that a distribution makes are linked with OpenSSL; the others open it by name.
    static void Load(string framework)
    {
        Bridge.LoadApart(Path.Combine(framework, "libSystem.Security.Cryptography.Native.OpenSsl.so"));
        if (
            Environment.GetEnvironmentVariable("DOTNET_OPENSSL_VERSION_OVERRIDE") is { } version
            && LoadVersion(version)
        )
            return;
        _ = Array.Exists(versions, LoadVersion);
    }

    static bool LoadVersion(string version) => Bridge.LoadApart($"libssl.so.{version}");
}
