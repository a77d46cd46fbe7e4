namespace Acme.Members;

/// <summary>Properties and fields of all kinds.</summary>
public sealed class Shelf(string name) : IDisposable, IAsyncDisposable
{
    public const int Most = 12;
    public const string? Nothing = null;
    public const Access Mode = Access.Write;
    public static readonly long Large = 1L << 60;
    public static int Made;

    public readonly string Name = name;
    public string? Note;
    readonly string[] books = ["first", "second"];

    public static string Label { get; set; } = "none";

    public static string? Ended { get; private set; }

    public int Count { get; private set; } = 2;

    public double Width { get; set; } = 1.5;

    public string? Secret
    {
        set => Note = value;
    }

    public string Fixed { get; init; } = "fixed";

    public int Broken => throw new InvalidOperationException("no such thing");

    public Task<int> Later => Task.FromResult(Count);

    public string this[int index] => books[index];

    public Shelf()
        : this("a") => Made++;

    public void Add() => Count++;

    public void Dispose() => Ended = "at once";

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        Ended = Note == "fail" ? throw new InvalidOperationException("cannot end") : "awaited";
    }
}

public enum Access
{
    Read,
    Write,
}

/// <summary>Lives in a box.</summary>
public struct Counter(int start)
{
    public int Value = start;

    public void Step() => Value++;
}

/// <summary>Nothing but a number.</summary>
public static class Limits
{
    public const double Half = 0.5;
}
