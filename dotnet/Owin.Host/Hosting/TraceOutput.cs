using System.Text;

namespace Owin.Host.Hosting;

/// <summary>
/// The standard error stream as host.TraceOutput. The console is opened at the first write: most apps never
/// write, and opening it costs start time.
/// </summary>
internal sealed class TraceOutput : TextWriter
{
    /// <summary>One for the process. Any thread may write; one call is not torn apart by another.</summary>
    public static readonly TextWriter Instance = Synchronized(new TraceOutput());

    TraceOutput() { }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Console.Error.Write(value);

    public override void Write(char[] buffer, int index, int count) => Console.Error.Write(buffer, index, count);

    public override void Write(string? value) => Console.Error.Write(value);

    public override void WriteLine(string? value) => Console.Error.WriteLine(value);

    public override void Flush() => Console.Error.Flush();
}
