using System.Runtime.InteropServices;
using Owin.Host.Functions;
using Owin.Host.Http;

namespace Owin.Host;

/// <summary>
/// The only file that crosses into native code: the mirror of native/bridge.h.
/// <para>
/// Node's thread runs managed code for nothing but synchronous calls of functions. It leaves frames in a native queue; the pump, a thread of its own that
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
        public delegate* unmanaged<Managed*, int> Serve;
        public delegate* unmanaged<int> LowerPriority;
        public delegate* unmanaged<byte*, int> LoadApart;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Managed
    {
        public uint Size;
        public delegate* unmanaged<Call*, int> Invoke;
        public delegate* unmanaged<byte*, int, int> TakeResult;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Call
    {
        public ulong Environment;
        public byte* Memory;
        public JsBuffer* Buffers;
        public int MemoryLength;
        public int ArgumentsLength;
        public int BuffersCount;
        public int Function;
        public int Target;
        public int ArgumentCount;
        public int ResultLength;
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
            OpenSsl.KeepApart();
            new Thread(Pump) { IsBackground = true, Name = "owin pump" }.UnsafeStart();
            return Ok;
        }
        catch
        {
            return Failed;
        }
    }

    /// <summary>
    /// Lets Node's thread call functions; to be called before it may. Not at the start, which most processes are done
    /// with: addresses of methods are compiled anew in each process.
    /// </summary>
    public static void ServeCalls()
    {
        var managed = new Managed
        {
            Size = (uint)sizeof(Managed),
            Invoke = &Invoke,
            TakeResult = &TakeResult,
        };
        _ = native.Serve(&managed);
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

    /// <summary>Lowers the priority that the operating system gives the calling thread, where it can be done.</summary>
    public static void LowerPriority() => _ = native.LowerPriority();

    /// <summary>
    /// Loads a library so that it uses its own functions before those of Node. False: there is none, or not here.
    /// </summary>
    public static bool LoadApart(string path)
    {
        fixed (byte* pathAt = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
            return native.LoadApart(pathAt) == Ok;
    }

    // A function on Node's thread.
    [UnmanagedCallersOnly]
    static int Invoke(Call* call)
    {
        try
        {
            var arguments = new ReadOnlySpan<byte>(call->Memory, call->ArgumentsLength);
            var buffers = new ReadOnlySpan<JsBuffer>(call->Buffers, call->BuffersCount);
            var result = SyncCall.Run(
                call->Environment,
                call->Function,
                call->Target,
                call->ArgumentCount,
                arguments,
                buffers,
                out bool failed
            );
            call->ResultLength = result.Length;
            if (result.Length <= call->MemoryLength)
                result.CopyTo(new Span<byte>(call->Memory, call->MemoryLength));
            else
                SyncCall.Keep(result);
            return failed ? Failed : Ok;
        }
        catch
        {
            call->ResultLength = 0;
            return Failed;
        }
    }

    [UnmanagedCallersOnly]
    static int TakeResult(byte* target, int length)
    {
        try
        {
            SyncCall.TakeResult(new Span<byte>(target, length));
            return Ok;
        }
        catch
        {
            return Failed;
        }
    }

    static void Pump()
    {
        Batch batch;
        while (true)
        {
            if (native.Wait(&batch) != Ok)
                continue;
            var environment = JsEnvironments.Get(batch.Environment);
            if (batch.Closed != 0)
            {
                JsEnvironments.Remove(environment);
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
