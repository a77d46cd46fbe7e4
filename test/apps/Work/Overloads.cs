namespace Acme;

public class Overloads
{
    int count;

    public static string Of(int value) => $"int {value}";

    public static string Of(long value) => $"long {value}";

    public static string Of(double value) => FormattableString.Invariant($"double {value}");

    public static string Of(string value) => $"string {value}";

    public static string Of(bool value) => $"bool {value}";

    public static string Of(DateTime value) => $"date {value:yyyy}";

    public static string Of(byte[] value) => $"bytes {value.Length}";

    public static string Of(int[] value) => $"ints {value.Length}";

    public static string Of(Point value) => $"point {value.X},{value.Y}";

    public static string Of(string value, int times = 1) => $"string {value} {times} times";

    public static string Same(byte value) => "byte";

    public static string Same(short value) => "short";

    public static string Generic<T>(T value) => typeof(T).Name;

    public static string Items<T>(IEnumerable<T> items) => typeof(T).Name;

    public static T Made<T>()
        where T : new() => new();

    public static int Span(ReadOnlySpan<byte> bytes) => bytes.Length;

    public int Count() => ++count;
}

public record Point(int X, int Y);

public class NeedsArguments(int value)
{
    public int Value() => value;
}
