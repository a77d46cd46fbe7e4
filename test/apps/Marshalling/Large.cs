namespace Marshalling;

/// Texts of a gigabyte.
public static class Large
{
    public sealed record Page(string Title, string?[] Lines);

    public static string Text(string unit, int length) => new(unit[0], length);

    public static Page Object(string unit, int length) => new("short", [null, Text(unit, length)]);

    public static Task<string> Told(Func<string, Task<string>> tell, string unit, int length) =>
        tell(Text(unit, length));

    public static void Collect() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
