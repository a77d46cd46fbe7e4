using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// The two directions of an accepted extended CONNECT: the bodies of its request and response. The exchange ends with the
/// app's Task.
/// <para>Threads: one reader and one writer at a time, which may be two threads.</para>
/// </summary>
internal sealed class ConnectStream(RequestBody incoming, ResponseWriter outgoing) : ReadOnlyStream
{
    public override bool CanWrite => true;

    public override int Read(byte[] buffer, int offset, int count) => incoming.Read(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        incoming.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer, offset, count, default).GetAwaiter().GetResult();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => await outgoing.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
