using System.Numerics;
using System.Text.Json.Serialization;

namespace Acme.Values;

/// <summary>What an order is worth.</summary>
public enum Priority
{
    /// <summary>Next week.</summary>
    Low,
    High,
}

[Flags]
public enum Rights
{
    None = 0,
    Read = 1,
    Write = 2,
}

/// <summary>An order of <see cref="Lines" />.</summary>
/// <param name="Id">Its number.</param>
public record Order(int Id, decimal Total, DateTime Placed, IReadOnlyList<Line> Lines, string? Note = null);

public record struct Line(string Article, int Count);

public class Settings
{
    public required string Name { get; init; }
    public Priority Priority { get; set; }

    [JsonPropertyName("retry-after")]
    public TimeSpan RetryAfter { get; set; }

    [JsonIgnore]
    public string Secret { get; set; } = "";

    public Dictionary<string, int?> Limits { get; set; } = [];
    public Settings? Parent { get; set; }
    public int Depth => Parent == null ? 0 : 1 + Parent.Depth;
}

public class Box<T>
{
    public T? Content { get; set; }
}

/// <summary>A name that the generated text would like to have.</summary>
public record OrderInput(string Note);

/// <summary>A name of JavaScript's own.</summary>
public record Date(int Day);

/// <summary>Every type of the table, once each way.</summary>
public static class Echo
{
    public static bool Bool(bool value) => value;

    public static int Int(int value) => value;

    public static long Long(long value) => value;

    public static BigInteger Big(BigInteger value) => value;

    public static double Double(double value) => value;

    public static decimal Decimal(decimal value) => value;

    public static string? Text(string? value) => value;

    public static Guid Guid(Guid value) => value;

    public static DateTime Moment(DateTime value) => value;

    public static Date Day(Date value) => value;

    public static int? Maybe(int? value) => value;

    public static byte[] Bytes(byte[] value) => value;

    public static double[] Doubles(double[] value) => value;

    public static List<string?> Texts(List<string?> value) => value;

    public static HashSet<int> Set(HashSet<int> value) => value;

    public static Dictionary<string, Line> Lines(Dictionary<string, Line> value) => value;

    public static Dictionary<int, string> Names(Dictionary<int, string> value) => value;

    public static Priority Enum(Priority value) => value;

    public static Rights Flags(Rights value) => value;

    public static Settings Data(Settings value) => value;

    public static Box<Order> Box(Box<Order> value) => value;

    public static T Any<T>(T value) => value;

    public static object Object(object value) => value;

    public static Func<int, string> Function(Func<int, Task<string>> value) => number => value(number).Result;

    public static Stream Stream(Stream value) => value;

    public static IAsyncEnumerable<int> Sequence(IAsyncEnumerable<int> value) => value;
}
