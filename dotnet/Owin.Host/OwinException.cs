namespace Owin.Host;

/// <summary>An error of owin's own, as opposed to one of the app. JavaScript sees an <c>OwinError</c>.</summary>
/// <param name="code">One of <see cref="ErrorCodes" />.</param>
/// <param name="message">What happened, where it looked, what was there.</param>
/// <param name="cause">The error that led to this one.</param>
internal sealed class OwinException(string code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="ErrorCodes" />.</summary>
    public string Code { get; } = code;
}
