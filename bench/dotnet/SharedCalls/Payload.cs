namespace Bench;

/// <summary>About 1 KB: what lib/payload.mjs makes.</summary>
/// <remarks>node-api-dotnet takes structs by value, and only ones whose constructor is declared; edge-js keeps names as they are.</remarks>
public struct Payload
{
    public Payload() { }

    public int id { get; set; }
    public string name { get; set; } = "";
    public string email { get; set; } = "";
    public bool active { get; set; }
    public double score { get; set; }
    public Address address { get; set; } = new();
    public string[] tags { get; set; } = [];
    public int[] numbers { get; set; } = [];
    public string created { get; set; } = "";
    public string notes { get; set; } = "";
}

/// <inheritdoc cref="Payload" />
public struct Address
{
    public Address() { }

    public string street { get; set; } = "";
    public string city { get; set; } = "";
    public int zip { get; set; }
}
