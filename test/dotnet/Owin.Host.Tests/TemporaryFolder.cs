namespace Owin.Host.Tests;

/// <summary>A folder that goes away with the test; its name has a space and letters beyond ASCII.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("owin tëst ").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies files of a test app; returns the path of the first.</summary>
    public string Copy(string sourceFolder, params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File(name))!);
            System.IO.File.Copy(System.IO.Path.Combine(sourceFolder, name), File(name));
        }
        return File(names[0]);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
