using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>
/// Damaged frames for .NET, from test/fuzz/corpus. Whatever comes, the reader throws nothing, posts well-formed frames,
/// answers a good request, and lets go of everything when its environment closes. `npm run fuzz` gives it the seed and
/// more time than a test run.
/// </summary>
public class FrameReaderFuzzTests
{
    const int BatchesPerNode = 64;
    const int GoodSlot = 63;
    const int GoodGeneration = 1_000_000;
    static readonly int[] OddWords = [-1, 0, 1, 4, 7, 8, 24, 255, 65_536, 1 << 20, int.MinValue, int.MaxValue];

    sealed record Entry(string About, int Type, int[] Words, string Payload);

    static readonly Entry[] Corpus = JsonSerializer.Deserialize<Entry[]>(
        File.ReadAllText(TestApps.Corpus("to-clr.json")),
        JsonSerializerOptions.Web
    )!;

    static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } text
            ? (int)double.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    [Fact]
    public async Task Damaged_frames_break_nothing()
    {
        int seed = Setting("OWIN_FUZZ_SEED", 1);
        var time = TimeSpan.FromSeconds(Setting("OWIN_FUZZ_SECONDS", 1));
        var begun = Stopwatch.StartNew();
        int count = 0;
        while (count == 0 || begun.Elapsed < time)
        {
            await Round(seed, count);
            count += BatchesPerNode;
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {count} batches");
    }

    static async Task Round(int seed, int first)
    {
        var node = new FakeNode(Answer);
        var batch = Array.Empty<byte>();
        int at = first;
        try
        {
            for (; at < first + BatchesPerNode; at++)
            {
                var generator = new Generator(unchecked((seed * 1_000_003) + at));
                batch = Batch(generator);
                JsBuffer[] buffers =
                [
                    .. Enumerable.Range(0, generator.Below(3)).Select(_ => FakeNode.Buffer(generator.Bytes(50))),
                ];
                node.Send(batch, buffers);
            }
            node.Request(new(), GoodSlot, GoodGeneration);
            while (await node.Inbox.Next() is not { Slot: GoodSlot, Generation: GoodGeneration, IsFinal: true }) { }
            node.Environment.Close();
            // An app's thread that has just posted the last frame of an exchange is about to remove it.
            Assert.True(
                SpinWait.SpinUntil(() => node.Environment.ExchangeCount == 0, TimeSpan.FromSeconds(20)),
                $"{node.Environment.ExchangeCount} exchanges are left."
            );
        }
        catch (Exception error)
        {
            throw new InvalidOperationException(
                $"Seed {seed}, batches from {first} to {at}, the last one {Convert.ToHexString(batch)}",
                error
            );
        }
    }

    /// <summary>An app with every way to be at work when something damaged comes.</summary>
    static async Task Answer(IDictionary<string, object> env)
    {
        switch (env["owin.RequestPath"])
        {
            case "/read":
                await ((Stream)env["owin.RequestBody"]).CopyToAsync(Stream.Null);
                break;
            case "/write":
                await ((Stream)env["owin.ResponseBody"]).WriteAsync(new byte[2_000_000]);
                break;
            case "/next" when env.TryGetValue("node.Next", out var next):
                await ((Func<IDictionary<string, object>, Task>)next)(env);
                break;
            case "/wait":
                await Task.Delay(-1, (CancellationToken)env["owin.CallCancelled"]);
                break;
            case "/throw":
                throw new InvalidOperationException("thrown by the app");
        }
    }

    static byte[] Batch(Generator generator)
    {
        var batch = new List<byte>();
        for (int frames = 1 + generator.Below(6); frames > 0; frames--)
        {
            var entry = generator.Pick(Corpus);
            bool request = entry.Type == ToClr.Request;
            int slot = request || generator.Chance(85) ? generator.Below(8) : generator.Pick(OddWords);
            // Requests come with new generations mostly, and so the other frames must hit some of them.
            int generation = generator.Chance(95) ? generator.Below(6) : generator.Pick(OddWords);
            int[] words = [.. entry.Words.Select(word => generator.Chance(12) ? generator.Pick(OddWords) : word)];
            byte[] payload = Encoding.Latin1.GetBytes(entry.Payload);
            while (payload.Length > 0 && generator.Chance(25))
                payload = Damaged(payload, generator);
            var frame = JsFrames.Frame(entry.Type, slot, generation, words, payload);
            var header = MemoryMarshal.Cast<byte, int>(frame.AsSpan());
            if (generator.Chance(3) && !request)
                header[FrameHeader.Type] = generator.Pick(OddWords.Append(1).Except([ToClr.Request]).ToArray());
            if (generator.Chance(2))
                header[FrameHeader.Length] = generator.Pick(OddWords);
            batch.AddRange(generator.Chance(2) ? frame[..generator.Below(frame.Length)] : frame);
        }
        return [.. batch];
    }

    static byte[] Damaged(byte[] bytes, Generator generator)
    {
        int at = generator.Below(bytes.Length);
        switch (generator.Below(4))
        {
            case 0:
                bytes[at] = (byte)generator.Below(256);
                return bytes;
            case 1:
                bytes[at] = 0;
                return bytes;
            case 2:
                return bytes[..at];
            default:
                return [.. bytes[..at], .. generator.Bytes(8), .. bytes[at..]];
        }
    }
}
