namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// The folder with an app's content: appsettings.json, wwwroot and views. The first that is there:
/// <list type="number">
/// <item>the one given: the option <c>contentRoot</c>, ASPNETCORE_CONTENTROOT, DOTNET_CONTENTROOT</item>
/// <item>the project's folder, where the assembly lies under it as the SDK builds it, bin/&lt;configuration&gt;/…</item>
/// <item>the folder of the assembly</item>
/// </list>
/// </summary>
internal static class ContentRoot
{
    public static string Find(string source, string? given) =>
        given ?? ProjectFolder(source) ?? Path.GetDirectoryName(source)!;

    // bin/<configuration>/<framework>[/<runtime>]; what is published has its content beside it.
    static string? ProjectFolder(string source)
    {
        var folder = new FileInfo(source).Directory;
        for (int up = 0; up < 3 && folder?.Parent is { } parent; up++, folder = parent)
        {
            if (folder.Name == "publish")
                return null;
            if (parent.Parent is { Name: "bin", Parent: { } project } && project.EnumerateFiles("*.*proj").Any())
                return project.FullName;
        }
        return null;
    }
}
