using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>What requests cost the collector. Runs alone: what other tests allocate would count as well.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public class AllocationTests(ITestOutputHelper output)
{
    static readonly byte[] Hello = "Hello, world"u8.ToArray();

    static readonly RequestFields Request = new()
    {
        Url = "/hello?n=1",
        Headers = ["Host", "127.0.0.1:3000", "User-Agent", "curl/8.5.0", "Accept", "*/*", "Connection", "keep-alive"],
    };

    static Task Answer(IDictionary<string, object> env)
    {
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["text/plain"];
        ((Stream)env["owin.ResponseBody"]).Write(Hello);
        return Task.CompletedTask;
    }

    [Fact]
    public void A_hello_request_allocates_less_than_1_KB()
    {
        const int slots = 64;
        var node = new FakeNode(Answer, new FakeInbox { Keeps = false });
        byte[][] frames = [.. Enumerable.Range(0, slots).Select(slot => JsFrames.Request(Request, slot, 1))];

        long AllocatedBy(int rounds)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int round = 0; round < rounds; round++)
            {
                // A response is two frames: its start with the body, and its end.
                int due = node.Inbox.Count + 2 * slots;
                foreach (ReadOnlySpan<byte> frame in frames)
                    node.Send(frame, buffers: default);
                Assert.True(SpinWait.SpinUntil(() => node.Inbox.Count == due, TimeSpan.FromSeconds(20)));
            }
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        AllocatedBy(20);
        long bytes = AllocatedBy(100) / (100 * slots);
        output.WriteLine($"{bytes} bytes a request");
        Assert.InRange(bytes, 1, 1024);
    }

    [Fact]
    public async Task What_the_app_sees_of_a_request_is_at_most_400_bytes()
    {
        var call = await HeldCall.Begin(RequestFields.WithBody);
        var exchange = call.Node.Environment.Find(3, 9)!;
        // The first ones pay for what is made once for all.
        long bytes = 0;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var env = new OwinEnvironment(exchange);
            _ = env["owin.ResponseHeaders"];
            _ = env["owin.ResponseBody"];
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        output.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 1, 400);
    }
}
