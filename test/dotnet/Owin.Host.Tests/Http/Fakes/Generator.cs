using System.Text;

namespace Owin.Host.Tests.Http;

/// <summary>Generated values; the same ones for the same seed, which is a test's argument and so in its name.</summary>
sealed class Generator(int seed)
{
    readonly Random random = new(seed);

    /// <summary>Seeds for a theory.</summary>
    public static TheoryData<int> Seeds(int count) => [.. Enumerable.Range(1, count)];

    public int Below(int limit) => random.Next(limit);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Pick<T>(params IReadOnlyList<T> items) => items[random.Next(items.Count)];

    public byte[] Bytes(int maxLength)
    {
        var bytes = new byte[random.Next(maxLength + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Any text of Unicode scalar values: ASCII, NUL, latin-1, beyond the basic plane.</summary>
    public string Text(int maxLength)
    {
        var text = new StringBuilder();
        for (int left = random.Next(maxLength + 1); left > 0; left--)
            text.Append(Scalar());
        return text.ToString();
    }

    Rune Scalar() =>
        random.Next(6) switch
        {
            0 => new Rune(random.Next(0x20)),
            1 or 2 => new Rune(random.Next(0x20, 0x7f)),
            3 => new Rune(random.Next(0x80, 0x800)),
            4 => new Rune(random.Next(0x800, 0xd800)),
            _ => new Rune(random.Next(0x10000, 0x110000)),
        };
}
