namespace Owin.Host.Hosting;

/// <summary>
/// Assemblies of .NET Framework's names, which libraries built for it ask for. They only forward to where the types are
/// now, and some are in assemblies that an app brings. The framework's own facades look for those among the framework's;
/// so an app that asks for a facade gets a copy, which looks where the app looks.
/// </summary>
internal static class Facades
{
    static readonly string[] Names =
    [
        "System",
        "System.Configuration",
        "System.Core",
        "System.Data",
        "System.Drawing",
        "System.Runtime.Serialization",
        "System.Security",
        "System.ServiceModel.Web",
        "System.ServiceProcess",
        "WindowsBase",
    ];

    /// <summary>Path of the framework's facade of that name; null: it is none of these.</summary>
    public static string? Find(string assemblyName)
    {
        if (Array.IndexOf(Names, assemblyName) < 0)
            return null;
        var path = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, assemblyName + ".dll");
        return File.Exists(path) ? path : null;
    }
}
