namespace Owin.Host.Http;

/// <summary>The window of the response body: what may be sent before JavaScript grants more.</summary>
internal sealed partial class Exchange
{
    // A larger write leaves in pieces, so that credit is asked for between them.
    const int PieceBytes = 64 * 1024;
    const int FastMilliseconds = 20;

    // What may still be sent, of how much.
    int window = FrameLimits.BodyWindow;
    int windowSize = FrameLimits.BodyWindow;
    long exhaustedAt;
    TaskCompletionSource? creditWaiter;

    /// <summary>Sends as much as the window allows; the number of bytes it took.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        int sent;
        lock (gate)
        {
            ThrowIfNotStarted();
            if (isHead)
            {
                unsent -= bytes.Length;
                return bytes.Length;
            }
            sent = SendPieces(bytes);
            unsent -= sent;
        }
        return sent;
    }

    // Under the gate.
    int SendPieces(ReadOnlySpan<byte> bytes)
    {
        int sent = 0;
        while (sent < bytes.Length && window > 0 && file == null)
        {
            var piece = bytes.Slice(sent, Math.Min(PieceBytes, bytes.Length - sent));
            if (!FrameWriter.Body(this, piece, later: OwesCredit))
                throw new IOException("The JavaScript environment of this request has closed.");
            window -= piece.Length;
            sent += piece.Length;
        }
        return sent;
    }

    /// <summary>Completes when <see cref="Send"/> is worth another try.</summary>
    public Task WaitForCredit()
    {
        lock (gate)
        {
            if (window > 0 && file == null || state is not (State.Started or State.Upgraded))
                return Task.CompletedTask;
            if (creditWaiter == null)
            {
                creditWaiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
                exhaustedAt = System.Environment.TickCount64;
            }
            return creditWaiter.Task;
        }
    }

    // With so much under way JavaScript gives credit before long, and looks for frames when it does: waking it for
    // each further chunk would only cost.
    bool OwesCredit => windowSize - window >= FrameLimits.CreditStep;

    /// <summary>The client has taken so many bytes.</summary>
    public void AddCredit(int bytes)
    {
        lock (gate)
        {
            window += bytes;
            if (creditWaiter != null && window > 0 && file == null)
            {
                GrowWindow();
                ReleaseWriter();
            }
        }
        Bridge.Wake(Environment.Id);
    }

    // A client that takes a whole window at once gets a larger one: fewer turns between the threads. A slow one does
    // not, so it holds little memory.
    void GrowWindow()
    {
        bool fast = System.Environment.TickCount64 - exhaustedAt < FastMilliseconds;
        if (!fast || windowSize >= FrameLimits.BodyWindowMost)
            return;
        window += windowSize;
        windowSize *= 2;
    }

    void ReleaseWriter()
    {
        creditWaiter?.TrySetResult();
        creditWaiter = null;
    }
}
