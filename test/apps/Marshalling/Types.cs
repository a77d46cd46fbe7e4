using System.Globalization;
using System.Text.Json.Serialization;

namespace Marshalling;

[Flags]
public enum Access : byte
{
    None,
    Read,
    Write,
}

public sealed record Point(int X, int Y, string Label = "none");

public sealed record Item
{
    public string Name { get; init; } = "";

    public int Count { get; init; }

    public override string ToString() => $"Item {Name} {Count}";
}

public sealed class Order
{
    public required int Id { get; set; }

    public List<Item> Items { get; set; } = [];

    public Order? Parent { get; set; }

    public override string ToString() =>
        $"Order {Id} [{string.Join(", ", Items)}]" + (Parent == null ? "" : $" of {Parent}");
}

public sealed class Attributed
{
    [JsonPropertyName("first-name")]
    public string FirstName { get; set; } = "";

    [JsonIgnore]
    public string? Ignored { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Absent { get; set; }

    [JsonInclude]
    internal int Included { get; set; }

    public override string ToString() => $"{FirstName} {Ignored ?? "null"} {Included}";
}

public struct Size
{
    public double Width { get; set; }

    public double Height { get; set; }

    public override readonly string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width} x {Height}");
}

public abstract class Shape
{
    public double Area { get; set; }
}
