namespace Owin.Host.Hosting;

/// <summary>
/// The assemblies of the framework that runs, which all apps share. Not those that whoever started the runtime
/// brought with it: an app has its own version of them.
/// </summary>
internal static class SharedFramework
{
    // The host's list, "/a/System.Runtime.dll:/a/…", searched as text: taking it apart costs more than it saves.
    static readonly string TrustedAssemblies =
        $"{Path.PathSeparator}{AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")}{Path.PathSeparator}";

    static readonly string CoreFolder = Path.GetDirectoryName(typeof(object).Assembly.Location) + SlashText;

    static readonly string SharedFolder = $"{SlashText}shared{SlashText}Microsoft.";

    static string SlashText => Path.DirectorySeparatorChar.ToString();

    public static bool Contains(string assemblyName)
    {
        var file = $"{SlashText}{assemblyName}.dll{Path.PathSeparator}";
        var found = TrustedAssemblies.IndexOf(file, StringComparison.Ordinal);
        if (found < 0)
            return LateFramework.Contains(assemblyName);
        var start = TrustedAssemblies.LastIndexOf(Path.PathSeparator, found) + 1;
        var path = TrustedAssemblies.Substring(start, found + 1 - start);
        return path.StartsWith(CoreFolder, StringComparison.Ordinal)
            || path.Contains(SharedFolder, StringComparison.Ordinal);
    }
}
