using System.Text.Json;

namespace Owin.Host.Hosting;

/// <summary>What is said when an app asks for an assembly of a shared framework that does not run.</summary>
internal static class MissingFramework
{
    const string AspNetCore = "Microsoft.AspNetCore.App";

    /// <summary>Null: the assembly is of no framework, or its framework runs.</summary>
    public static string? Describe(string source, string assembly)
    {
        if (Wanted(source, assembly) is not { } wanted)
            return null;
        var running = Running();
        var core = running.First(each => each.Name == "Microsoft.NETCore.App");
        var root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(core.Folder)))!;
        return $"{source} needs the framework {wanted}, of which the assembly {assembly} is, and that does not run. "
            + $"These run: {Join(running.Select(each => $"{each.Name} {Path.GetFileName(each.Folder)}"))}. "
            + $"These are installed in {root}: {Join(Installed(root))}. "
            + $"Install {wanted.Split(' ')[0]} {Environment.Version.ToString(2)} there, or give a .NET that has it with "
            + "DOTNET_ROOT or `owin.runtime.start({ dotnetRoot })`; then start the process again.";
    }

    static string? Wanted(string source, string assembly)
    {
        bool mayBeOfOne =
            assembly.StartsWith("Microsoft.", StringComparison.Ordinal)
            || assembly.StartsWith("System.", StringComparison.Ordinal);
        var running = Running();
        if (!mayBeOfOne || running.Length == 0)
            return null;
        // An app that is a library has no runtimeconfig.json; of ASP.NET Core all libraries have the name.
        IEnumerable<string> wanted = Configured(Path.ChangeExtension(source, ".runtimeconfig.json"));
        if (assembly.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal))
            wanted = wanted.Append(AspNetCore);
        return wanted.FirstOrDefault(each => running.All(framework => framework.Name != each.Split(' ')[0]));
    }

    // Name and version of each.
    static string[] Configured(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var options = document.RootElement.GetProperty("runtimeOptions");
            return
            [
                .. (options.TryGetProperty("frameworks", out var several) ? several.EnumerateArray() : [])
                    .Concat(options.TryGetProperty("framework", out var one) ? [one] : [])
                    .Select(each => $"{each.GetProperty("name")} {each.GetProperty("version")}"),
            ];
        }
        catch (Exception error) when (error is IOException or JsonException or KeyNotFoundException)
        {
            return [];
        }
    }

    // From the host's list: "<root>/shared/<name>/<version>/<assembly>.dll" and others.
    static (string Name, string Folder)[] Running() =>
        [
            .. $"{AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")}"
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(path => Path.GetDirectoryName(path)!)
                .Distinct()
                .Select(folder => (Name: Path.GetDirectoryName(folder) ?? "", folder))
                .Where(each => Path.GetFileName(Path.GetDirectoryName(each.Name)) == "shared")
                .Select(each => (Path.GetFileName(each.Name), each.folder)),
        ];

    static IEnumerable<string> Installed(string root) =>
        from framework in Directory.GetDirectories(Path.Combine(root, "shared"))
        from version in Directory.GetDirectories(framework)
        select $"{Path.GetFileName(framework)} {Path.GetFileName(version)}";

    static string Join(IEnumerable<string> texts) => string.Join(", ", texts.Distinct().Order());
}
