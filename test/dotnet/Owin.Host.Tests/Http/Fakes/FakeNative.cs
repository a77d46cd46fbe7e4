using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>
/// The addon's side of native/bridge.h, in C#: frames that .NET posts go to the <see cref="FakeInbox" /> of their
/// environment, and <see cref="Submit" /> hands batches to the pump that the real entry point started.
/// </summary>
static unsafe class FakeNative
{
    const int Ok = 0;
    const int ClosedStatus = 1;

    [StructLayout(LayoutKind.Sequential)]
    struct Table
    {
        public uint Size;
        public delegate* unmanaged<Batch*, int> Wait;
        public delegate* unmanaged<ulong, byte*, int, byte*, int, int> Post;
        public delegate* unmanaged<ulong, byte*, int, byte*, int, int> PostLater;
        public delegate* unmanaged<ulong, int> Wake;
        public delegate* unmanaged<ulong, byte*, byte*, int, int> Copy;
        public delegate* unmanaged<ulong> Primary;
        public delegate* unmanaged<ulong, int, byte*, int, int> Reply;
        public delegate* unmanaged<void*, int> Serve;
        public delegate* unmanaged<int> LowerPriority;
        public delegate* unmanaged<byte*, int> LoadApart;
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

    sealed record Submitted(ulong Environment, byte[] Frames, JsBuffer[] Buffers, bool Closed);

    // The tests hold their inboxes; thousands of them are made.
    static readonly ConcurrentDictionary<ulong, WeakReference<FakeInbox>> Inboxes = [];
    static readonly BlockingCollection<Submitted> Batches = [];
    static long lastEnvironment;

    [ThreadStatic]
    static ulong primary;

    // The batch that the pump reads; valid until its next Wait.
    static byte[] pumpedFrames = [];
    static JsBuffer[] pumpedBuffers = [];

    [ModuleInitializer]
    internal static void Initialize()
    {
        var table = new Table
        {
            Size = (uint)sizeof(Table),
            Wait = &Wait,
            Post = &Post,
            PostLater = &Post,
            Wake = &Wake,
            Copy = &Copy,
            Primary = &Primary,
            Reply = &Reply,
            Serve = &Serve,
            LowerPriority = &LowerPriority,
            LoadApart = &LoadApart,
        };
        delegate* unmanaged<void*, int> initialize = &Bridge.Initialize;
        if (initialize(&table) != Ok)
            throw new InvalidOperationException("Bridge.Initialize failed.");
    }

    public static ulong Open(FakeInbox inbox)
    {
        ulong id = (ulong)Interlocked.Increment(ref lastEnvironment);
        Inboxes[id] = new(inbox);
        return id;
    }

    /// <summary>
    /// The environment that hears of what belongs to no request: on each thread the one whose frames it reads, as
    /// tests run side by side.
    /// </summary>
    public static void SetPrimary(ulong environment) => primary = environment;

    /// <summary>From now on everything that names the environment fails.</summary>
    public static void Close(ulong environment) => Inboxes.TryRemove(environment, out _);

    /// <summary>Hands a batch to the pump.</summary>
    public static void Submit(ulong environment, byte[] frames, params JsBuffer[] buffers) =>
        Batches.Add(new(environment, frames, buffers, Closed: false));

    /// <summary>Hands the environment's last batch to the pump.</summary>
    public static void SubmitClose(ulong environment) => Batches.Add(new(environment, [], [], Closed: true));

    [UnmanagedCallersOnly]
    static int Serve(void* managed) => Ok;

    [UnmanagedCallersOnly]
    static int LowerPriority() => Ok;

    [UnmanagedCallersOnly]
    static int LoadApart(byte* path) => Ok;

    [UnmanagedCallersOnly]
    static int Wait(Batch* batch)
    {
        var next = Batches.Take();
        primary = next.Environment;
        pumpedFrames = Pinned<byte>(next.Frames);
        pumpedBuffers = Pinned<JsBuffer>(next.Buffers);
        *batch = new()
        {
            Environment = next.Environment,
            Frames = (byte*)Unsafe.AsPointer(ref pumpedFrames[0]),
            FramesLength = next.Frames.Length,
            Buffers = (JsBuffer*)Unsafe.AsPointer(ref pumpedBuffers[0]),
            BuffersCount = next.Buffers.Length,
            Closed = next.Closed ? 1 : 0,
        };
        return Ok;
    }

    /// <summary>A copy that the collector does not move, with room for one item more.</summary>
    public static T[] Pinned<T>(ReadOnlySpan<T> items)
        where T : unmanaged
    {
        var copy = GC.AllocateUninitializedArray<T>(items.Length + 1, pinned: true);
        items.CopyTo(copy);
        return copy;
    }

    [UnmanagedCallersOnly]
    static int Post(ulong environment, byte* head, int headLength, byte* payload, int payloadLength) =>
        Inboxes.TryGetValue(environment, out var known) && known.TryGetTarget(out var inbox)
            ? inbox.Add(new(head, headLength), new(payload, payloadLength))
            : ClosedStatus;

    [UnmanagedCallersOnly]
    static int Wake(ulong environment) => Inboxes.ContainsKey(environment) ? Ok : ClosedStatus;

    [UnmanagedCallersOnly]
    static int Copy(ulong environment, byte* source, byte* destination, int length)
    {
        if (!Inboxes.ContainsKey(environment))
            return ClosedStatus;
        new ReadOnlySpan<byte>(source, length).CopyTo(new(destination, length));
        return Ok;
    }

    [UnmanagedCallersOnly]
    static ulong Primary() => primary;

    [UnmanagedCallersOnly]
    static int Reply(ulong environment, int number, byte* bytes, int length) =>
        Inboxes.TryGetValue(environment, out var known) && known.TryGetTarget(out var inbox)
            ? inbox.AddReply(number, new(bytes, length))
            : ClosedStatus;
}
