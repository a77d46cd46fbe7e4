using System.Runtime.InteropServices;
using Owin.Host.Http;

namespace Owin.Host;

/// <summary>
/// The only file that crosses into native code: the mirror of native/bridge.h.
/// <para>
/// Node's thread never runs managed code. It leaves frames in a native queue; the pump, a thread of its own that
/// waits in native code, takes them out. The pump runs no code of the app: it hands requests to the thread pool and
/// completes the waiters of body, credit and abort frames itself, so these are never behind the app's work there.
/// </para>
/// </summary>
internal static unsafe class Bridge
{
    const int Ok = 0;
    const int Failed = 2;
    const int InUse = 3;

    [StructLayout(LayoutKind.Sequential)]
    struct Native
    {
        public uint Size;
        public delegate* unmanaged<Batch*, int> Wait;
        public delegate* unmanaged<ulong, byte*, int, byte*, int, int> Post;
        public delegate* unmanaged<ulong, byte*, int, byte*, int, int> PostLater;
        public delegate* unmanaged<ulong, int> Wake;
        public delegate* unmanaged<ulong, byte*, byte*, int, int> Copy;
        public delegate* unmanaged<ulong> Primary;
        public delegate* unmanaged<ulong, int, byte*, int, int> Reply;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Batch
    {
        public ulong Environment;
        public byte* Frames;
        public JsBuffer* Buffers;
        public int FramesLength;
        public int BuffersCount;
        public int Closed;
    }

    static Native native;
    static int initialized;

    /// <summary>The entry point the addon calls once, on the thread that starts the runtime.</summary>
    [UnmanagedCallersOnly]
    public static int Initialize(void* table)
    {
        try
        {
            if (*(uint*)table < sizeof(Native))
                return Failed;
            if (Interlocked.Exchange(ref initialized, 1) != 0)
                return InUse;
            native = *(Native*)table;
            UnhandledExceptions.Report();
            new Thread(Pump) { IsBackground = true, Name = "owin pump" }.UnsafeStart();
            return Ok;
        }
        catch
        {
            return Failed;
        }
    }

    /// <summary>Appends a frame to the environment's inbox. False: the environment has closed.</summary>
    public static bool Post(ulong environment, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        fixed (byte* headAt = head)
        fixed (byte* payloadAt = payload)
            return native.Post(environment, headAt, head.Length, payloadAt, payload.Length) == Ok;
    }

    /// <summary>The same without waking Node's thread: it looks again by itself, or after <see cref="Wake" />.</summary>
    public static bool PostLater(ulong environment, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        fixed (byte* headAt = head)
        fixed (byte* payloadAt = payload)
            return native.PostLater(environment, headAt, head.Length, payloadAt, payload.Length) == Ok;
    }

    /// <summary>Wakes Node's thread if frames wait that nobody has woken it for.</summary>
    public static void Wake(ulong environment) => _ = native.Wake(environment);

    /// <summary>Copies out of a buffer of JavaScript's. False: its environment has closed.</summary>
    public static bool Copy(ulong environment, byte* source, Span<byte> destination)
    {
        fixed (byte* destinationAt = destination)
            return native.Copy(environment, source, destinationAt, destination.Length) == Ok;
    }

    /// <summary>The environment that hears of what belongs to no request; 0 when none is open.</summary>
    public static ulong Primary() => native.Primary();

    /// <summary>Gives Node's thread the reply it waits for. False: it does not wait any more.</summary>
    public static bool Reply(ulong environment, int number, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* bytesAt = bytes)
            return native.Reply(environment, number, bytesAt, bytes.Length) == Ok;
    }

    static void Pump()
    {
        var environments = new Dictionary<ulong, JsEnvironment>();
        Batch batch;
        while (true)
        {
            if (native.Wait(&batch) != Ok)
                continue;
            if (!environments.TryGetValue(batch.Environment, out var environment))
                environments.Add(batch.Environment, environment = new JsEnvironment(batch.Environment));
            if (batch.Closed != 0)
            {
                environments.Remove(batch.Environment);
                environment.Close();
                continue;
            }
            FrameReader.Read(
                environment,
                new ReadOnlySpan<byte>(batch.Frames, batch.FramesLength),
                new ReadOnlySpan<JsBuffer>(batch.Buffers, batch.BuffersCount)
            );
        }
    }
}

/// <summary>Memory of JavaScript's that a frame refers to; read through <see cref="Bridge.Copy"/> only.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct JsBuffer
{
    public byte* Data;
    public long Length;
}
