namespace Owin.Host.Http;

/// <summary>What becomes of an exchange once the app has accepted an upgrade. One a request, for one kind of it.</summary>
internal abstract class Upgrade
{
    /// <summary>The context it was accepted in, where it runs when the app's Task has completed.</summary>
    public ExecutionContext? Context { get; set; }

    /// <summary>Completes when Node has sent the 101; guarded by the exchange's gate.</summary>
    public TaskCompletionSource? Claimed { get; set; }

    /// <summary>Completes the headers of the 101, when callbacks of OnSendingHeaders have run.</summary>
    public abstract void WriteHandshake(IDictionary<string, string[]> headers);

    /// <summary>The stream for the socket.</summary>
    public virtual DuplexStream CreateStream(Exchange exchange) => new(exchange);

    /// <summary>The handshake is out. What this returns runs when the app's own Task has completed.</summary>
    public abstract Task Run(DuplexStream stream);

    /// <summary>
    /// The app has no more to do with the socket; <paramref name="error"/> is what it threw. True: all that was
    /// written is to arrive, then the connection ends. False: it is dropped.
    /// </summary>
    public virtual ValueTask<bool> Finish(Exception? error) => new(error == null);

    /// <summary>Whether an error is the app's, and worth a report, and not a peer's that breaks the protocol.</summary>
    public virtual bool Blames(Exception? error) => error != null;
}
