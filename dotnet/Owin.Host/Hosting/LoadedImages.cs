namespace Owin.Host.Hosting;

/// <summary>
/// The files that assemblies were loaded from. The runtime keeps such an image for its path: a file that was replaced
/// since would be the old assembly under the new one's name.
/// <para>Threads: any.</para>
/// </summary>
internal static class LoadedImages
{
    // A class of longs: what is generic over other structs would be compiled at each start of the process.
    sealed record Stamp(long Written, long Length)
    {
        public static Stamp Of(string path)
        {
            var file = new FileInfo(path);
            return new(file.LastWriteTimeUtc.Ticks, file.Exists ? file.Length : 0);
        }
    }

    static readonly Dictionary<string, Stamp> Stamps = new(StringComparer.Ordinal);

    public static void Add(string path)
    {
        lock (Stamps)
            Stamps.TryAdd(path, Stamp.Of(path));
    }

    /// <summary>Whether the file is another one than that which was loaded from this path before.</summary>
    public static bool IsReplaced(string path)
    {
        lock (Stamps)
            return Stamps.TryGetValue(path, out var stamp) && stamp != Stamp.Of(path);
    }
}
