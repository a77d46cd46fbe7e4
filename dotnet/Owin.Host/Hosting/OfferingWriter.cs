using System.Text;

namespace Owin.Host.Hosting;

/// <summary>A writer that offers what is written to somebody, and passes on what is not taken.</summary>
internal abstract class OfferingWriter : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>What gets the rest.</summary>
    protected abstract TextWriter Otherwise { get; }

    /// <summary>Offers a text, and a line end behind it. True: it is taken.</summary>
    protected abstract bool Offer(ReadOnlySpan<char> text, bool endsLine);

    public override void Write(char value)
    {
        if (!Offer(new ReadOnlySpan<char>(in value), endsLine: false))
            Otherwise.Write(value);
    }

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (!Offer(buffer, endsLine: false))
            Otherwise.Write(buffer);
    }

    public override void Write(string? value)
    {
        if (!Offer(value, endsLine: false))
            Otherwise.Write(value);
    }

    public override void WriteLine()
    {
        if (!Offer("", endsLine: true))
            Otherwise.WriteLine();
    }

    public override void WriteLine(ReadOnlySpan<char> buffer)
    {
        if (!Offer(buffer, endsLine: true))
            Otherwise.WriteLine(buffer);
    }

    public override void WriteLine(string? value)
    {
        if (!Offer(value, endsLine: true))
            Otherwise.WriteLine(value);
    }

    public override void Flush() => Otherwise.Flush();
}
