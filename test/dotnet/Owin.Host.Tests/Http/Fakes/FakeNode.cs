using System.Runtime.CompilerServices;
using Owin.Host.Hosting;
using Owin.Host.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Tests.Http;

/// <summary>A JavaScript environment with one app: sends frames the way the pump does, keeps what comes back.</summary>
sealed class FakeNode
{
    public FakeNode(AppFunc handler, FakeInbox? inbox = null)
    {
        Inbox = inbox ?? new();
        Environment = new JsEnvironment(FakeNative.Open(Inbox));
        App = TestApp.Create(handler, id: 1, ("acme.Startup", "from startup"));
        Environment.AddApp(App);
    }

    public FakeInbox Inbox { get; }
    public JsEnvironment Environment { get; }
    public LoadedApp App { get; }

    /// <summary>Reads frames on this thread.</summary>
    public void Send(params byte[][] frames) => Send([.. frames.SelectMany(each => each)], default);

    public void Send(ReadOnlySpan<byte> frames, ReadOnlySpan<JsBuffer> buffers)
    {
        FakeNative.SetPrimary(Environment.Id);
        FrameReader.Read(Environment, frames, buffers);
    }

    public void Request(RequestFields request, int slot = 0, int generation = 1) =>
        Send(JsFrames.Request(request, slot, generation));

    /// <summary>Bytes as a buffer of JavaScript's; they stay where they are.</summary>
    public static unsafe JsBuffer Buffer(byte[] bytes)
    {
        var pinned = FakeNative.Pinned<byte>(bytes);
        lock (Kept)
            Kept.Add(pinned);
        return new() { Data = (byte*)Unsafe.AsPointer(ref pinned[0]), Length = bytes.Length };
    }

    static readonly List<byte[]> Kept = [];
}
