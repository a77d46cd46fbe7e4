namespace Owin.Host.Http;

/// <summary>A part of a file that is there, can be read, and has so many bytes.</summary>
internal readonly record struct FileRange(string Path, long Offset, long Count)
{
    /// <summary>Looks at the file; <paramref name="count"/> null means to its end.</summary>
    /// <exception cref="ArgumentNullException">the path is blank</exception>
    /// <exception cref="ArgumentOutOfRangeException">the file has no such range</exception>
    /// <exception cref="FileNotFoundException">there is no such file</exception>
    public static FileRange Of(string path, long offset, long? count)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new ArgumentNullException(nameof(path), "SendAsync takes the path of a file.");
        path = System.IO.Path.GetFullPath(path);
        long length = LengthOf(path);
        if (offset < 0 || offset > length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"'{path}' has {length} bytes.");
        long rest = length - offset;
        if (count < 0 || count > rest)
            throw new ArgumentOutOfRangeException(
                nameof(count),
                count,
                $"'{path}' has {length} bytes, {rest} of them from {offset} on."
            );
        return new(path, offset, count ?? rest);
    }

    // Opened, so that a file which must not be read is found out before anything has been sent.
    static long LengthOf(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.GetLength(handle);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new FileNotFoundException(error.Message, path, error);
        }
    }
}
