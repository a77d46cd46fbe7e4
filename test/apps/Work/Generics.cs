namespace Acme.Generics;

/// <summary>Keeps one.</summary>
public class Box<T>
{
    T? kept;

    public static string Of() => typeof(T).ToString();

    public T? Put(T value)
    {
        var before = kept;
        kept = value;
        return before;
    }

    public static class Lid<TOther>
    {
        public static string Of(TOther other) => $"{typeof(T)} {other}";
    }
}

public static class Numbers<T>
    where T : struct
{
    public static T None() => default;

    public static string Of<TOther>(TOther value) => $"{typeof(T)} {typeof(TOther)} {value}";
}

public class Base
{
    public virtual string Kind => "base";

    public string Says() => Kind;
}

public class Derived : Base
{
    public override string Kind => "derived";
}
