namespace Owin.Host.Http;

/// <summary>
/// A file that JavaScript reads and sends, known there by its number.
/// <para>
/// It outlives its exchange: JavaScript answers with <c>fileDone</c> once it has closed the file, whatever became of
/// the request, and only then is <see cref="Task"/> complete.
/// </para>
/// <para>Threads: Done on the pump, the rest on the app's.</para>
/// </summary>
internal sealed class FileTransfer(Exchange exchange, int number, long count, CancellationToken cancel)
{
    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Number => number;
    public long Count => count;
    public bool IsCancelled => cancel.IsCancellationRequested;

    public Task Task => done.Task;

    /// <summary>Completes with the Task and never fails.</summary>
    public Task Ended => done.Task.ContinueWith(static _ => { }, TaskScheduler.Default);

    /// <summary>The app wants it no more; what comes of that <see cref="Done"/> hears.</summary>
    public void Cancel() => FrameWriter.Signal(exchange, ToJs.CancelFile, number);

    /// <summary>It has not begun: who waits for its end goes on.</summary>
    public void Withdraw() => done.TrySetResult();

    /// <summary>JavaScript has closed the file, after it gave <paramref name="sent"/> bytes to the response.</summary>
    public void Done(int flags, long sent, string message)
    {
        Exception? failure = (flags & FileDoneFlags.Failed) != 0 ? new IOException(message) : null;
        bool complete = flags == 0;
        exchange.EndFile(this, complete, sent, failure);
        if (complete)
            done.TrySetResult();
        else if (failure != null)
            done.TrySetException(failure);
        else if (IsCancelled)
            done.TrySetCanceled(cancel);
        else
            done.TrySetException(new IOException("The client has disconnected."));
    }
}
