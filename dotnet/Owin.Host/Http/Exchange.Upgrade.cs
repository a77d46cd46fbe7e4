namespace Owin.Host.Http;

/// <summary>
/// The upgraded exchange: its bodies are the two directions of the socket. OWIN's delegates accept now and are called
/// back when the app's Task has completed; others get the stream within it.
/// </summary>
internal sealed partial class Exchange
{
    Upgrade? upgrade;

    /// <summary>The request asks for an upgrade, and Node has not given its socket away.</summary>
    public bool CanUpgrade => (flags & RequestFlags.Upgrade) != 0;

    /// <summary>
    /// Accepts: the handshake goes out when the app's Task has completed, then <see cref="Upgrade.Run"/> runs. Throws
    /// InvalidOperationException when it is too late or was done before.
    /// </summary>
    public void AcceptUpgrade(Upgrade accepted)
    {
        lock (gate)
        {
            ThrowIfCannotUpgrade();
            upgrade = accepted;
            accepted.Context = ExecutionContext.Capture();
        }
        view!.SetStatus(SwitchingProtocols);
    }

    /// <summary>Accepts and sends the handshake at once. The exchange is over when the app's Task completes.</summary>
    public Task<DuplexStream> UpgradeAsync(Upgrade accepted)
    {
        lock (gate)
        {
            ThrowIfCannotUpgrade();
            upgrade = accepted;
        }
        view!.SetStatus(SwitchingProtocols);
        return SwitchProtocols();
    }

    /// <summary>Node has sent the 101.</summary>
    public void Upgraded() => upgrade?.Claimed?.TrySetResult();

    /// <summary>Sends as much as the window allows; the number of bytes it took.</summary>
    public int SendUpgraded(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            return state switch
            {
                State.Upgraded => SendPieces(bytes),
                State.Aborted => throw new IOException(AbortMessage),
                _ => throw new ObjectDisposedException(nameof(DuplexStream), "The connection is over."),
            };
        }
    }

    /// <summary>Lets a waiting write look again: its stream has been disposed.</summary>
    public void WakeWriter()
    {
        lock (gate)
            ReleaseWriter();
    }

    const int SwitchingProtocols = 101;

    void ThrowIfCannotUpgrade()
    {
        if (state == State.Aborted)
            throw new IOException(AbortMessage);
        if (upgrade != null)
            throw new InvalidOperationException("The upgrade has been accepted already.");
        if (state != State.Running || !CanUpgrade)
            throw new InvalidOperationException(
                "An upgrade can be accepted until the response has started or the app's Task has completed."
            );
    }

    async Task<DuplexStream> SwitchProtocols()
    {
        RunSendingHeaders();
        var head = view!.ReadUpgradeHead(upgrade!);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (state == State.Aborted)
                throw new IOException(AbortMessage);
            if (state != State.Running)
                throw new InvalidOperationException("The response has started.");
            view.LockResponse();
            state = State.Upgraded;
            upgrade!.Claimed = sent;
            RequestBody = new RequestBody(this, attached: false, socket: true);
            FrameWriter.Upgrade(this, head);
            head.Trim();
        }
        await sent.Task.ConfigureAwait(false);
        return upgrade.CreateStream(this);
    }

    /// <summary>The app's Task has completed. False: there is no upgrade, the response is an ordinary one.</summary>
    bool CompleteUpgrade()
    {
        // The app may have changed its mind: then its answer is an ordinary one.
        if (state == State.Running && upgrade?.Context is { } context && view!.IsSwitchingProtocols)
            ExecutionContext.Run(context, static self => _ = ((Exchange)self!).RunUpgraded(), this);
        else if (state == State.Upgraded)
            _ = EndUpgraded(null);
        else
            return false;
        return true;
    }

    async Task RunUpgraded()
    {
        try
        {
            var stream = await SwitchProtocols().ConfigureAwait(false);
            await upgrade!.Run(stream).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await EndUpgraded(error).ConfigureAwait(false);
            return;
        }
        await EndUpgraded(null).ConfigureAwait(false);
    }

    async Task EndUpgraded(Exception? error)
    {
        // Before the handshake a failure is answered as any other.
        if (state == State.Running)
        {
            Fail(error!);
            return;
        }
        bool arrives = false;
        try
        {
            arrives = await upgrade!.Finish(error).ConfigureAwait(false);
        }
        catch (Exception late)
        {
            error ??= late;
        }
        if (!arrives)
        {
            AbortConnection(upgrade!.Blames(error) ? error : null);
            return;
        }
        if (error != null && upgrade!.Blames(error))
            ReportAppError(error);
        lock (gate)
        {
            if (state != State.Upgraded)
                return;
            state = State.Completed;
            EndBodies(null);
            FrameWriter.Signal(this, ToJs.ResponseEnd);
        }
        Leave();
    }
}
