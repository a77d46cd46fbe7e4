namespace Owin.Host.Http;

/// <summary>Files as parts of the response body, which JavaScript reads and sends.</summary>
internal sealed partial class Exchange
{
    // Under the gate: sends before anything else of the body.
    FileTransfer? file;

    /// <summary>
    /// <c>sendfile.SendAsync</c>: starts the response where it has not started and sends a part of a file; null for
    /// <paramref name="count"/> means to its end. Completes when the file has been closed. Cancelled before its first
    /// byte it is as if it had not been; cancelled later it ends the connection.
    /// </summary>
    public async Task SendFile(string path, long offset, long? count, CancellationToken cancel) =>
        await SendFile(FileRange.Of(path, offset, count), cancel).ConfigureAwait(false);

    /// <summary>The same for a part that has been looked at.</summary>
    public async Task SendFile(FileRange range, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        FileTransfer transfer;
        while (!Reserve(range, cancel, out transfer))
            await transfer.Ended.WaitAsync(cancel).ConfigureAwait(false);
        if (!BeginFile(range, transfer))
            return;
        await using var registration = cancel
            .UnsafeRegister(static transfer => ((FileTransfer)transfer!).Cancel(), transfer)
            .ConfigureAwait(false);
        await transfer.Task.ConfigureAwait(false);
    }

    // True: the body is this file's from now on. False: it is another's, until that has ended.
    bool Reserve(FileRange range, CancellationToken cancel, out FileTransfer transfer)
    {
        lock (gate)
        {
            transfer = file!;
            if (transfer != null)
                return false;
            // A write that waits for credit has sent a part of its bytes.
            if (unsent > 0)
                throw new InvalidOperationException("'sendfile.SendAsync' cannot begin while a write is under way.");
            file = transfer = Environment.AddFile(this, range.Count, cancel);
            return true;
        }
    }

    // False: nothing of it is to be sent.
    bool BeginFile(FileRange range, FileTransfer transfer)
    {
        bool begun = false;
        try
        {
            if (state == State.Running)
                StartResponse(default, end: false, range.Count);
            else
                CheckWrite(range.Count);
            lock (gate)
            {
                ThrowIfNotStarted();
                if (isHead || range.Count == 0)
                {
                    unsent -= range.Count;
                    return false;
                }
                begun = FrameWriter.File(this, transfer.Number, range);
                return begun ? true : throw new IOException("The JavaScript environment of this request has closed.");
            }
        }
        finally
        {
            if (!begun)
                Withdraw(transfer);
        }
    }

    // JavaScript never hears of it.
    void Withdraw(FileTransfer transfer)
    {
        Environment.TakeFile(transfer.Number);
        lock (gate)
        {
            file = null;
            ReleaseWriter();
        }
        transfer.Withdraw();
    }

    /// <summary>The file has been closed; what is written next may follow.</summary>
    public void EndFile(FileTransfer ended, bool complete, long sent, Exception? failure)
    {
        lock (gate)
        {
            file = null;
            if (complete || sent == 0)
                unsent -= ended.Count;
            if (!complete && sent == 0)
                written -= ended.Count;
            ReleaseWriter();
        }
        if (!complete && sent > 0)
            AbortConnection(failure);
    }

    /// <summary><c>server.DisableResponseBuffering</c>.</summary>
    public void DisableResponseBuffering() => FrameWriter.Signal(this, ToJs.DisableBuffering);
}
