using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Hosting;

/// <summary>
/// Where goes what one app writes and logs: to its log in JavaScript where it has one, else where it always goes. The
/// last of what it writes while it starts is kept for the error of a start that fails.
/// <para>Whose a write to the console is, the execution context tells: the app's startup runs in one that names this
/// object, with a log its requests as well, and so does what they start.</para>
/// <para>Holds nothing of the app's: a timer that keeps the context does not keep the app.</para>
/// <para>Threads: any.</para>
/// </summary>
internal sealed class AppOutput
{
    const int TailLength = 8 * 1024;

    static readonly AsyncLocal<AppOutput?> current = new();

    readonly ulong environment;
    readonly int version;
    readonly LogQueue? queue;
    readonly LogLines? output;
    readonly LogLines? error;
    readonly LogLines? traceOutput;
    readonly StringBuilder tail = new();
    volatile bool isStarting = true;

    /// <param name="environment">of the app</param>
    /// <param name="version">the app's number</param>
    /// <param name="hasLog">JavaScript takes what it writes</param>
    public AppOutput(ulong environment, int version, bool hasLog)
    {
        this.environment = environment;
        this.version = version;
        TraceOutput = Hosting.TraceOutput.Instance;
        if (!hasLog)
            return;
        queue = LogQueue.Open(environment, version);
        output = new(queue, LogLevels.Info, "stdout");
        error = new(queue, LogLevels.Error, "stderr");
        Trace = new(queue, LogLevels.Debug, "trace");
        traceOutput = new(queue, LogLevels.Info, "host.TraceOutput");
        TraceOutput = new LogWriter(traceOutput);
        RoutedTrace.Install();
    }

    /// <summary>That of the app whose code is running.</summary>
    public static AppOutput? Current => current.Value;

    public bool HasLog => queue != null;

    /// <summary>Texts of System.Diagnostics.Trace; null without a log.</summary>
    public LogLines? Trace { get; }

    /// <summary>The app's host.TraceOutput.</summary>
    public TextWriter TraceOutput { get; }

    /// <summary>What runs from here in this execution context is the app's.</summary>
    public void Enter() => current.Value = this;

    /// <summary>Takes what is written to the console. False: it is to go where it always goes.</summary>
    public bool Write(bool isError, ReadOnlySpan<char> text, bool endsLine)
    {
        if (isStarting)
            AddToTail(text, endsLine);
        return (isError ? error : output)?.Append(text, endsLine) ?? false;
    }

    /// <summary>Logs a message. False: there is no log, or not any more.</summary>
    /// <param name="level">one of <see cref="LogLevels" /></param>
    /// <param name="category">the name of the logger</param>
    /// <param name="message">the text</param>
    /// <param name="exception">what was logged with it</param>
    /// <param name="scopes">what it was logged in, outermost first</param>
    public bool Log(
        string level,
        string category,
        string message,
        Exception? exception = null,
        IReadOnlyList<string>? scopes = null
    ) => queue?.Add(level, category, message, exception, scopes) ?? false;

    /// <summary>The app has started: the last of what it wrote is of no use any more.</summary>
    public void Started()
    {
        isStarting = false;
        lock (tail)
            tail.Clear().Capacity = 0;
    }

    /// <summary>The app has not started: JavaScript gets what it wrote last, in front of the error.</summary>
    public void Failed()
    {
        isStarting = false;
        lock (tail)
        {
            int length = Math.Min(tail.Length, TailLength);
            if (length > 0)
                FrameWriter.StartOutput(environment, version, tail.ToString(tail.Length - length, length));
        }
        Close();
    }

    /// <summary>Sends what has no line end yet. What comes now goes where it goes without a log.</summary>
    public void Close()
    {
        foreach (var lines in (ReadOnlySpan<LogLines?>)[output, error, Trace, traceOutput])
            lines?.Flush();
        queue?.Close();
    }

    void AddToTail(ReadOnlySpan<char> text, bool endsLine)
    {
        lock (tail)
        {
            tail.Append(text);
            if (endsLine)
                tail.AppendLine();
            if (tail.Length > 2 * TailLength)
                tail.Remove(0, tail.Length - TailLength);
        }
    }

    sealed class LogWriter(LogLines lines) : OfferingWriter
    {
        protected override TextWriter Otherwise => Hosting.TraceOutput.Instance;

        protected override bool Offer(ReadOnlySpan<char> text, bool endsLine) => lines.Append(text, endsLine);
    }
}
