using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Owin.Host.Hosting;

/// <summary>What is said when an app cannot be loaded: what was looked for, where, and what was there.</summary>
internal static class LoadErrors
{
    public static OwinException NotFound(string source)
    {
        var folder = Path.GetDirectoryName(source);
        if (Directory.Exists(source))
            return new(
                ErrorCodes.AppNotFound,
                $"{source} is a folder, not an assembly. {DescribeFolder(source, null)}"
            );
        return new(
            ErrorCodes.AppNotFound,
            $"{source} does not exist. {DescribeFolder(folder, Path.GetFileName(source))}"
        );
    }

    public static OwinException Format(string path, Exception cause) =>
        new(
            ErrorCodes.AppFormat,
            $"{path} is not an assembly that can be loaded. It is {FileKind.Describe(path)}.",
            cause
        );

    /// <summary>For an app that was read and then asked for something that is not there.</summary>
    public static OwinException Dependency(AppLoadContext context, string source, Exception cause)
    {
        var wanted = cause switch
        {
            FileNotFoundException error => TryParse(error.FileName),
            FileLoadException error => TryParse(error.FileName),
            BadImageFormatException error => TryParse(error.FileName),
            _ => null,
        };
        string message;
        if (wanted?.Name is not { } name)
            message = $"{source} does not fit what it depends on: {cause.Message.Trim()}";
        else if (SharedFramework.Contains(name))
            message = DescribeNewerFramework(source, wanted);
        else if (MissingFramework.Describe(source, name) is { } missing)
            message = missing;
        else if (FrameworkOf(context, name) is { } framework)
            message =
                $"{source} was built for {framework} and needs {wanted}, a part of .NET Framework that .NET does not "
                + $"have ({RuntimeInformation.FrameworkDescription} runs, and {context.Folder} has no {name}.dll). "
                + "Build it for net8.0 or later, without that part.";
        else
            message =
                $"{source} needs the assembly {wanted}, which could not be loaded. "
                + $"It is asked for by {AskedBy(context, name)}. {DescribeSearch(context, source, name, cause)}";
        return new(ErrorCodes.AppDependency, message, cause);
    }

    static string DescribeSearch(AppLoadContext context, string source, string name, Exception cause)
    {
        var file = name + ".dll";
        var path = Path.Combine(context.Folder, file);
        if (cause is BadImageFormatException && File.Exists(path))
            return $"{path} is {FileKind.Describe(path)}.";
        var words = cause.InnerException is { } inner ? $" .NET says: {inner.Message.Trim()}" : "";
        return $"Looked in the shared framework ({RuntimeInformation.FrameworkDescription}), in "
            + $"{DescribeDepsFile(source, file)}, and for {path}. {DescribeFolder(context.Folder, null)}{words}";
    }

    static string DescribeNewerFramework(string source, AssemblyName wanted) =>
        $"{source} was built for a newer .NET than the one that runs: it asks for {wanted.Name} {wanted.Version}, "
        + $"and {RuntimeInformation.FrameworkDescription} runs. Install that version of .NET, or build the app for "
        + $"net{Environment.Version.ToString(2)}.";

    // The .NET Framework that an asking assembly was built for, where the one asked for sounds like a part of it.
    static string? FrameworkOf(AppLoadContext context, string name)
    {
        if (
            !name.StartsWith("System.", StringComparison.Ordinal)
            && !name.StartsWith("Presentation", StringComparison.Ordinal)
        )
            return null;
        return context
            .Assemblies.Where(each => each.GetReferencedAssemblies().Any(reference => reference.Name == name))
            .Select(each => each.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName)
            .FirstOrDefault(each => each?.StartsWith(".NETFramework,", StringComparison.Ordinal) == true);
    }

    static string DescribeDepsFile(string source, string file)
    {
        var deps = Path.ChangeExtension(source, ".deps.json");
        if (!File.Exists(deps))
            return $"{Path.GetFileName(deps)} (there is none)";
        var lists = File.ReadAllText(deps).Contains($"{file}\"", StringComparison.OrdinalIgnoreCase);
        return $"{Path.GetFileName(deps)} (which {(lists ? "lists it, but the file is missing" : "does not list it")})";
    }

    static string AskedBy(AppLoadContext context, string simpleName)
    {
        var askers =
            from assembly in context.Assemblies
            where assembly.GetReferencedAssemblies().Any(each => each.Name == simpleName)
            select assembly.GetName().Name;
        return string.Join(", ", askers.DefaultIfEmpty("code that names it in a string"));
    }

    public static string DescribeFolder(string? folder, string? wanted)
    {
        var existing = folder;
        while (existing != null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);
        if (existing != folder)
            return $"Neither does its folder; the nearest one that exists is {existing}.";

        var files = Directory.GetFiles(folder!, "*.dll").Select(each => Path.GetFileName(each)).ToArray();
        var suggestion = wanted == null ? "" : NearNames.Suggest(wanted, files);
        return files.Length == 0
            ? $"There are no .dll files in {folder}."
            : $"The .dll files in {folder}: {NearNames.List(files)}.{suggestion}";
    }

    static AssemblyName? TryParse(string? name)
    {
        try
        {
            return string.IsNullOrEmpty(name) ? null : new AssemblyName(name);
        }
        catch (FileLoadException)
        {
            return null;
        }
    }
}
