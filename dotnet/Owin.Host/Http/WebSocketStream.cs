namespace Owin.Host.Http;

/// <summary>
/// The socket under a WebSocket. .NET's WebSocket writes one frame at a time and each by one WriteAsync, so a Close
/// frame is seen as it leaves.
/// </summary>
internal sealed class WebSocketStream(Exchange exchange) : DuplexStream(exchange)
{
    /// <summary>A Close frame has been sent.</summary>
    public bool HasSentClose { get; private set; }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var frame = buffer.Span;
        if (frame.Length > 0 && (frame[0] & 0x0f) == 8)
        {
            HasSentClose = true;
            // .NET writes a Close without a status as 1005, which must not be sent (RFC 6455 §7.4.1).
            if (frame is [0x88, 0x02, 0x03, 0xed])
                buffer = EmptyClose;
        }
        return base.WriteAsync(buffer, cancellationToken);
    }

    static readonly byte[] EmptyClose = [0x88, 0x00];
}
