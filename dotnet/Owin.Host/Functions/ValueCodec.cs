using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>Reads and writes the values of one type. Threads: any; a codec has no state of a value.</summary>
internal abstract class ValueCodec
{
    /// <summary>The type whose values these are.</summary>
    public abstract Type Type { get; }

    public abstract object? ReadObject(ref ValueReader reader);

    public abstract void WriteObject(ValueWriter writer, object? value);
}

/// <inheritdoc cref="ValueCodec" />
internal abstract class ValueCodec<T> : ValueCodec
{
    public override Type Type => typeof(T);

    /// <summary>What .NET takes here, in a message.</summary>
    protected virtual string Expected => TypeNames.Show(typeof(T));

    /// <summary>Reads the next value. Throws <see cref="MarshalException" /> for one that this type does not take.</summary>
    public abstract T Read(ref ValueReader reader);

    /// <summary>Writes a value. Throws <see cref="MarshalException" /> for one that cannot cross.</summary>
    public abstract void Write(ValueWriter writer, T value);

    /// <summary>A value from the name of a property, for the keys of a dictionary.</summary>
    public virtual T FromText(string text) => throw Wrong($"has the name {MarshalException.Quote(text)}");

    /// <summary>The same; what fails is an <see cref="OwinException" /> with its path, which begins with <paramref name="root" />.</summary>
    public T Read(ref ValueReader reader, string root)
    {
        try
        {
            return Read(ref reader);
        }
        catch (MarshalException error)
        {
            throw error.From(root);
        }
    }

    /// <inheritdoc cref="Read(ref ValueReader, string)" />
    public void Write(ValueWriter writer, T value, string root)
    {
        try
        {
            Write(writer, value);
        }
        catch (MarshalException error)
        {
            writer.Abandon();
            throw error.From(root);
        }
        catch
        {
            writer.Abandon();
            throw;
        }
    }

    public sealed override object? ReadObject(ref ValueReader reader) => Read(ref reader);

    public sealed override void WriteObject(ValueWriter writer, object? value) => Write(writer, (T)value!);

    /// <summary>The value is what <paramref name="what" /> says, and that is not for this type.</summary>
    protected MarshalException Wrong(string what, Exception? cause = null) =>
        new($"{what}, where .NET takes {Expected}", cause);

    /// <summary>The value that begins with this tag is not for this type.</summary>
    protected MarshalException Wrong(ref ValueReader reader, ValueTag tag) =>
        Wrong("is " + ValueDescription.Of(ref reader, tag));
}
