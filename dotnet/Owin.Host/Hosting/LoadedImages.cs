using System.Collections.Concurrent;

namespace Owin.Host.Hosting;

/// <summary>
/// The files that assemblies were loaded from. The runtime keeps such an image for its path: a file that was replaced
/// since would be the old assembly under the new one's name.
/// </summary>
internal static class LoadedImages
{
    static readonly ConcurrentDictionary<string, (DateTime Written, long Length)> Stamps = new();

    public static void Add(string path) => Stamps.TryAdd(path, Stamp(path));

    /// <summary>Whether the file is another one than that which was loaded from this path before.</summary>
    public static bool IsReplaced(string path) => Stamps.TryGetValue(path, out var stamp) && stamp != Stamp(path);

    static (DateTime, long) Stamp(string path)
    {
        var file = new FileInfo(path);
        return (file.LastWriteTimeUtc, file.Exists ? file.Length : 0);
    }
}
