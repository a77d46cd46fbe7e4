namespace Marshalling;

/// Values of some size.
public static class Bench
{
    public static Customer Customer(Customer value) => value;

    public static byte[] Buffer(byte[] value) => value;
}

public sealed class Customer
{
    public int Id { get; set; }
    public string? Name { get; set; }
    public string? Email { get; set; }
    public bool Active { get; set; }
    public double Balance { get; set; }
    public DateTime Created { get; set; }
    public List<string> Tags { get; set; } = [];
    public Address? Address { get; set; }
    public string? Notes { get; set; }
    public List<int> Scores { get; set; } = [];
    public List<Line> Orders { get; set; } = [];
}

public sealed class Address
{
    public string? Street { get; set; }
    public string? City { get; set; }
    public string? Zip { get; set; }
    public string? Country { get; set; }
}

public sealed class Line
{
    public int Id { get; set; }
    public string? Product { get; set; }
    public double Price { get; set; }
    public int Quantity { get; set; }
}
