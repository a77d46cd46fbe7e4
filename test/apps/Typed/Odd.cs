using Acme.Values;

namespace Acme.Odd;

/// <summary>Members whose names are taken in JavaScript, or that every object has.</summary>
public sealed class Named : IDisposable, IComparable<Named>, IEqualityComparer<string>
{
    public string Then() => "then";

    public string ValueOf() => "value";

    public string Constructor() => "constructor";

    public string Events(string name) => name;

    public string Dispose(bool again) => $"{again}";

    public void Dispose() { }

    public string New() => "new";

    public string Call(int number) => $"{number}";

    /// <summary>Waits.</summary>
    public Task<string> Later() => Task.FromResult("later");

    public int CompareTo(Named? other) => 0;

    // These two are of the interface, and not those of every object.
    public bool Equals(string? left, string? right) => left == right;

    public int GetHashCode(string text) => text.Length;

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => 1;

    public override string ToString() => "text";

    public static bool Equals(int left, int right) => left == right;

    public static string ToString(int number) => $"{number}";
}

public record Point(int X, int Y)
{
    public static Point Parse(string text) => new(text.Length, 0);
}

public struct Counter
{
    int count;

    public Counter(int start) => count = start;

    public int Next() => ++count;
}

public abstract class Shape
{
    public abstract double Area();

    public static Shape Unit() => new Square(1);
}

public class Square(double side) : Shape
{
    public Square()
        : this(1) { }

    public override double Area() => side * side;
}

public abstract class NothingToCall
{
    public void Work() { }
}

/// <summary>Keeps what it is given.</summary>
public class Cache<T>
{
    public int Add(T item) => 1;

    public static int Count() => 0;

    public class Entry
    {
        public void Drop() { }
    }
}

/// <summary>A generic class is reached by one that says what it is of.</summary>
public sealed class Names : Cache<string>;

public interface IShape
{
    double Area();

    static int Sides() => 4;
}

public interface IParsed<TSelf>
    where TSelf : IParsed<TSelf>
{
    static abstract TSelf Parse(string text);
}

public interface IMade
{
    static abstract int Make();
}

[AttributeUsage(AttributeTargets.All)]
public sealed class MarkedAttribute(string text) : Attribute
{
    public string Show() => text;
}

public delegate int Counting(string text);

public delegate void Measured(object sender, string what, int value);

/// <summary>Tells of itself.</summary>
public class Source
{
    /// <summary>With what EventHandler gives.</summary>
    public event EventHandler<Line>? Changed;

    public event Action<int>? Counted;

    public event Measured? Measured;

    public event Action? Ticked;

    public event EventHandler? Closed;

    public static event Action<string>? Announced;

    public record Line(string Text, int Number);

    public void Raise()
    {
        Changed?.Invoke(this, new("one", 1));
        Counted?.Invoke(2);
        Measured?.Invoke(this, "three", 3);
        Ticked?.Invoke();
        Closed?.Invoke(this, EventArgs.Empty);
        Announced?.Invoke("four");
    }

    public int Listeners() =>
        new Delegate?[] { Changed, Counted, Measured, Ticked, Closed, Announced }.Sum(each =>
            each?.GetInvocationList().Length ?? 0
        );
}

/// <summary>Its events are of the class it derives from.</summary>
public sealed class LoudSource : Source;

/// <summary>Properties, fields and constants of all kinds.</summary>
public class Shelf
{
    public const int Most = 12;
    public static readonly long Large = 1;
    public static string? Label { get; set; }
    public static int Made;

    public readonly string Name = "a";
    public string? Note;
    string secret = "";

    public double Width { get; set; }

    public int Count { get; private set; }

    public string Fixed { get; init; } = "fixed";

    public string Secret
    {
        set => secret = value;
    }

    public Task<int> Later => Task.FromResult(Count);

    public Priority Mode { get; set; }

    /// <summary>None of these has a name that is free.</summary>
    public int Then => 1;

    public int Events => 1;

    public Span<int> Numbers => default;

    public int this[int index] => index + secret.Length;

    public int Size => 1;

    // A method beside a property of its name in JavaScript.
    public int size() => 2;
}

/// <summary>Nothing but a number.</summary>
public static class Limits
{
    public const double Half = 0.5;
}
