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

    public static string Handle(int value) => $"int {value}";

    public static async Task<string> Handle(Task<string> value) => $"task {await value}";

    public static async Task<string> Handle(IAsyncEnumerable<int> values)
    {
        int sum = 0;
        await foreach (int value in values)
            sum += value;
        return $"sum {sum}";
    }

    public static string Handle(Func<int, int> value) => $"function {value(20)}";

    public static string Handle(CancellationToken? value) => $"signal {value?.CanBeCanceled}";

    public static string Bytes(string value) => $"text {value}";

    public static async Task<string> Bytes(Stream value)
    {
        using var all = new MemoryStream();
        await value.CopyToAsync(all);
        return $"stream {all.Length}";
    }

    public static Func<int, int> Twice() => value => value * 2;

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
