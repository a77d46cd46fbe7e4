using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>The work of the routes, the same for the OWIN app and for Kestrel.</summary>
public static class Work
{
    public const int ChunkSize = 64 * 1024;

    public static readonly byte[] Hello = "<p>Hello, world from .NET!</p>"u8.ToArray();

    // 251 is prime, so a chunk put in the wrong place changes the digest of a download.
    private const int Period = 251;
    private static readonly byte[] Pattern = MakePattern();

    public static async Task<byte[]> Sha256(Stream body) =>
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(await SHA256.HashDataAsync(body)));

    /// <summary>Writes <paramref name="length"/> bytes; byte i is i % 251.</summary>
    public static async Task Download(Stream body, long length)
    {
        var buffer = new byte[ChunkSize];
        for (long position = 0; position < length; )
        {
            var count = (int)Math.Min(ChunkSize, length - position);
            Pattern.AsSpan((int)(position % Period), count).CopyTo(buffer);
            await body.WriteAsync(buffer.AsMemory(0, count));
            position += count;
        }
    }

    public static async Task<byte[]> Json(Stream body)
    {
        var value = (await JsonNode.ParseAsync(body))!.AsObject();
        value["handledBy"] = "server";
        return Encoding.UTF8.GetBytes(value.ToJsonString());
    }

    /// <summary>Allocates so many KB in small objects, which live until it returns; then it is a hello.</summary>
    public static byte[] Allocate(int kilobytes)
    {
        var objects = new byte[kilobytes][];
        for (var i = 0; i < kilobytes; i++)
        {
            objects[i] = new byte[1000];
        }

        GC.KeepAlive(objects);
        return Hello;
    }

    /// <summary>Solutions of the n-queens puzzle: plain integer CPU work.</summary>
    public static byte[] Burn(int n) => Encoding.ASCII.GetBytes(Place((1 << n) - 1, 0, 0, 0).ToString());

    /// <summary>The value of a query string with one parameter, <c>name=value</c>.</summary>
    public static string Value(string query) => query[(query.IndexOf('=') + 1)..];

    private static int Place(int all, int columns, int left, int right)
    {
        if (columns == all)
        {
            return 1;
        }

        var count = 0;
        for (var free = all & ~(columns | left | right); free != 0; free &= free - 1)
        {
            var bit = free & -free;
            count += Place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
        }

        return count;
    }

    private static byte[] MakePattern()
    {
        var bytes = new byte[ChunkSize + Period];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i % Period);
        }

        return bytes;
    }
}
