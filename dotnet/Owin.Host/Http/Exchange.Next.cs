using System.Text;

namespace Owin.Host.Http;

/// <summary>Going on with express's next handler.</summary>
internal sealed partial class Exchange
{
    TaskCompletionSource? nextWaiter;

    // What an app that lets it pass is not to blame for.
    IOException? nextFailure;

    /// <summary>
    /// <c>node.Next</c>: hands the response to the handlers behind this one, with the headers set so far. Completes
    /// when the response has finished; fails when it was destroyed before.
    /// </summary>
    public Task Next()
    {
        try
        {
            var head = view!.ReadResponseHead();
            var user = NewUser();
            lock (gate)
            {
                ThrowIfNextCannotFollow();
                state = State.Continued;
                RequestBody?.Complete();
                nextWaiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
                PostUser(user);
                FrameWriter.Next(this, head, sendingHeaders is { Count: > 0 } ? NextFlags.SendingHeaders : 0);
                head.Trim();
                return nextWaiter.Task;
            }
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }

    void ThrowIfNextCannotFollow()
    {
        if (state == State.Aborted)
            throw new IOException(AbortMessage);
        if (state != State.Running)
            throw new InvalidOperationException("'node.Next' can be called once, before the response has started.");
        if (RequestBody is { IsTaken: true })
            throw new InvalidOperationException(
                "'node.Next' cannot go on once the app has begun to read a streamed request body: the handlers behind "
                    + "it would miss what was read. With the option buffering: { request: 'buffer' } they get all of it."
            );
    }

    /// <summary>What <see cref="Next"/> led to is over, and the exchange with it.</summary>
    public void NextDone(int status, int doneFlags)
    {
        TaskCompletionSource? waiter;
        bool failed = (doneFlags & NextDoneFlags.Failed) != 0;
        lock (gate)
        {
            if (state != State.Continued)
                return;
            view!.SetStatus(status);
            // The app is told by the exception; that it lets it through is no error of its own.
            if (failed)
                state = State.Aborted;
            waiter = nextWaiter;
            nextWaiter = null;
        }
        Leave();
        if (failed)
        {
            Cancel();
            nextFailure = new("The response was destroyed before it was complete.");
            waiter?.TrySetException(nextFailure);
        }
        else
        {
            waiter?.TrySetResult();
        }
    }

    /// <summary>
    /// The handlers behind <see cref="Next"/> are about to send their head, and Node's thread waits: runs the
    /// OnSendingHeaders callbacks over it.
    /// </summary>
    public void SendingHeaders(int number, int status, ReadOnlySpan<byte> headers)
    {
        var lines = Encoding.Latin1.GetString(headers);
        ReservedThreads.Queue(() =>
        {
            try
            {
                view!.ShowResponse(status, lines);
                RunSendingHeaders();
                var head = view.ReadResponseHead();
                view.LockResponse();
                FrameWriter.Reply(this, number, head);
                head.Trim();
            }
            catch (Exception error)
            {
                FrameWriter.Reply(this, number, error);
            }
        });
    }
}
