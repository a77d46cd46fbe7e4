using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>An upgrade whose stream the app uses until its Task completes; it has written the handshake itself.</summary>
internal sealed class StreamUpgrade : Upgrade
{
    public override void WriteHandshake(IDictionary<string, string[]> headers) { }

    public override Task Run(DuplexStream stream) => Task.CompletedTask;
}
