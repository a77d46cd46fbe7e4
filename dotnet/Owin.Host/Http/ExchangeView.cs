namespace Owin.Host.Http;

/// <summary>
/// What an app sees of its exchange and says its response with: OWIN's environment, or the features of ASP.NET Core.
/// New for each request and never used again: an app may keep it.
/// <para>Threads: the app's, and those that act for it; at most one at a time.</para>
/// </summary>
internal abstract class ExchangeView
{
    /// <summary>Status, reason and headers as they are now. Throws <see cref="OwinException"/> naming what cannot be sent.</summary>
    public abstract ResponseHead ReadResponseHead();

    /// <summary>The headers as they are now, completed for the 101 of an upgrade.</summary>
    public abstract ResponseHead ReadUpgradeHead(Upgrade upgrade);

    /// <summary>The trailers as they are now, null where there are none. Throws as <see cref="ReadResponseHead"/> does.</summary>
    public abstract ResponseHead? ReadTrailers();

    /// <summary>The headers have been sent: a change throws from now on.</summary>
    public abstract void LockResponse();

    /// <summary>An upgrade has been accepted, and the app has not set another status since.</summary>
    public abstract bool IsSwitchingProtocols { get; }

    /// <summary>Shows a status that others chose: an upgrade, or the handlers behind <c>node.Next</c>.</summary>
    public abstract void SetStatus(int status);

    /// <summary>
    /// Shows the head that these handlers are about to send; <paramref name="lines" /> are NUL-joined. Asked only where
    /// callbacks have been registered with <see cref="Exchange.OnSendingHeaders" />.
    /// </summary>
    public virtual void ShowResponse(int status, string lines) => throw new NotSupportedException();

    /// <summary>Whether the app has set another user than JavaScript knows, and which.</summary>
    public abstract bool HasNewUser(out object? user);

    /// <summary>JavaScript has been told of the user.</summary>
    public abstract void UserIsKnown();

    /// <summary>The app's Task has completed; the response is ended, or failed, next.</summary>
    public virtual void Returned(bool failed) { }
}
