using System.Text;

namespace Owin.Host.Hosting;

/// <summary>
/// Makes messages of what is written: one ends with a write that ends a line, however many lines it has. Empty ones
/// are left out.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class LogLines(LogQueue queue, string level, string category)
{
    const int MostPending = 16 * 1024;

    readonly StringBuilder pending = new();

    /// <param name="text">what was written</param>
    /// <param name="endsLine">a line end follows it</param>
    /// <returns>false: the log is closed</returns>
    public bool Append(ReadOnlySpan<char> text, bool endsLine)
    {
        lock (pending)
        {
            pending.Append(text);
            return endsLine || text is [.., '\n'] || pending.Length > MostPending ? Send() : !queue.IsClosed;
        }
    }

    /// <summary>Makes a message of what has no end yet.</summary>
    public void Flush()
    {
        lock (pending)
            Send();
    }

    bool Send()
    {
        var message = pending.ToString().TrimEnd('\r', '\n');
        pending.Clear();
        return message.Length == 0 ? !queue.IsClosed : queue.Add(level, category, message, null);
    }
}
