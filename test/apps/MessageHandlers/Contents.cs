using System.Net;

namespace MessageHandlers
{
    /// A content that does not know its length.
    sealed class Unmeasured(params string[] parts) : HttpContent
    {
        public static int Disposed;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var part in parts)
            {
                if (part == "throw")
                    throw new InvalidDataException("the content has failed");
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(part));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing) => Interlocked.Increment(ref Disposed);
    }

    /// Parts of a text, each when it is asked for, without a length.
    sealed class Parts(params string[] parts) : Stream
    {
        int at;

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (at == parts.Length)
                return 0;
            var part = parts[at++];
            return part == "throw"
                ? throw new InvalidDataException("the stream has failed")
                : System.Text.Encoding.UTF8.GetBytes(part, buffer.AsSpan(offset, count));
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
