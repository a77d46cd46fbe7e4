using System.Reflection;
using System.Runtime.CompilerServices;

namespace Owin.Host.Hosting;

/// <summary>
/// Stands in for Console.Out and Console.Error: what an app writes goes to its <see cref="AppOutput" />, and the rest,
/// and what that does not keep, to the stream it always goes to.
/// <para>It takes their place when the console's assembly is loaded: an app that does not write never loads it.</para>
/// </summary>
internal sealed class RoutedConsole(bool isError, Func<TextWriter> original) : OfferingWriter
{
    static int prepared;
    static int installed;

    readonly Lazy<TextWriter> otherwise = new(original);

    public static void Prepare()
    {
        if (Interlocked.Exchange(ref prepared, 1) != 0)
            return;
        AppDomain.CurrentDomain.AssemblyLoad += InstallWithConsole;
        if (Array.Exists(AppDomain.CurrentDomain.GetAssemblies(), IsConsole) && MayInstall())
            InstallBefore();
    }

    protected override TextWriter Otherwise => otherwise.Value;

    protected override bool Offer(ReadOnlySpan<char> text, bool endsLine) =>
        AppOutput.Current is { } output && output.Write(isError, text, endsLine);

    static void InstallWithConsole(object? sender, AssemblyLoadEventArgs args)
    {
        // Not Console.Out itself, which sets up a terminal that is Node's.
        if (IsConsole(args.LoadedAssembly) && MayInstall())
            Install(() => Open(Console.OpenStandardOutput()), () => Open(Console.OpenStandardError()));
    }

    static bool IsConsole(Assembly assembly) =>
        assembly.FullName?.StartsWith("System.Console,", StringComparison.Ordinal) == true;

    static bool MayInstall()
    {
        AppDomain.CurrentDomain.AssemblyLoad -= InstallWithConsole;
        return Interlocked.Exchange(ref installed, 1) == 0;
    }

    // Methods of their own: whoever enters one loads the console.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Install(Func<TextWriter> output, Func<TextWriter> error)
    {
        Console.SetOut(new RoutedConsole(isError: false, output));
        Console.SetError(new RoutedConsole(isError: true, error));
    }

    // Somebody has used the console before, and may have put a writer of his own there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void InstallBefore()
    {
        var (output, error) = (Console.Out, Console.Error);
        Install(() => output, () => error);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static TextWriter Open(Stream stream) =>
        Synchronized(new StreamWriter(stream, Console.OutputEncoding, bufferSize: 256) { AutoFlush = true });
}
