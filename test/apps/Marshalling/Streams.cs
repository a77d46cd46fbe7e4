using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Marshalling;

/// Sequences that are read as they come.
public static class Streams
{
    static int produced;
    static TaskCompletionSource ended = new();

    public static async Task<List<int>> Take(IAsyncEnumerable<int> items, int count)
    {
        var list = new List<int>();
        if (count == 0)
            return list;
        await foreach (int each in items)
        {
            list.Add(each);
            if (list.Count == count)
                break;
        }
        return list;
    }

    /// Begins to read, and leaves it without an end.
    public static async Task<int> Begin(IAsyncEnumerable<int> items)
    {
        var enumerator = items.GetAsyncEnumerator();
        await enumerator.MoveNextAsync();
        return enumerator.Current;
    }

    /// Begins to read, and leaves it without an end.
    public static async Task<int> BeginBytes(Stream stream) => await stream.ReadAsync(new byte[1]);

    /// Reads nothing.
    public static void Ignore(object? value) { }

    public static void IgnoreStream(Stream stream) { }

    public static async IAsyncEnumerable<long> Count(
        int to,
        bool slowly,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        produced = 0;
        ended = new();
        try
        {
            for (int i = 0; i < to; i++)
            {
                if (slowly)
                    await Task.Yield();
                cancel.ThrowIfCancellationRequested();
                produced++;
                yield return i;
            }
        }
        finally
        {
            ended.SetResult();
        }
    }

    public static int Produced() => produced;

    public static Task Ended() => ended.Task;

    public static async IAsyncEnumerable<int> FailAfter(int count)
    {
        for (int i = 0; i < count; i++)
            yield return i;
        await Task.Yield();
        throw new InvalidOperationException("no more of these");
    }

    public static async Task<long> Sum(Stream stream)
    {
        long sum = 0;
        var buffer = new byte[1000];
        int length;
        while ((length = await stream.ReadAsync(buffer)) > 0)
        {
            foreach (byte each in buffer.AsSpan(0, length))
                sum += each;
        }
        return sum;
    }

    public static async Task ReadAll(Stream stream, CancellationToken cancel)
    {
        using (stream)
            await stream.CopyToAsync(Stream.Null, cancel);
    }

    public static async Task ReadItems(IAsyncEnumerable<object> items, CancellationToken cancel)
    {
        await foreach (var _ in items.WithCancellation(cancel)) { }
    }

    public static long SumNow(Stream stream)
    {
        long sum = 0;
        int each;
        while ((each = stream.ReadByte()) >= 0)
            sum += each;
        return sum;
    }

    public static Task<long> SumOfPipe(PipeReader reader) => Sum(reader.AsStream());

    public static Stream Bytes(int length) =>
        new MemoryStream([.. Enumerable.Range(0, length).Select(each => (byte)each)]);

    public static PipeReader Pipe(int length) => PipeReader.Create(Bytes(length));

    public static async Task<string> Work(int steps, IProgress<int> progress, CancellationToken cancel)
    {
        for (int i = 1; i <= steps; i++)
        {
            progress.Report(i);
            if (i % 100 == 0)
                await Task.Delay(1, cancel);
        }
        return "done";
    }

    public static async Task<string> AwaitSignal(Holder holder)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, holder.Signal);
            return "ended";
        }
        catch (OperationCanceledException)
        {
            return "cancelled";
        }
    }

    public static readonly CancellationTokenSource Source = new();

    /// Collects, and waits for the signal of a value after that.
    public static Task<string> AwaitSignalCollected(Holder holder)
    {
        var waiting = AwaitSignal(holder);
        holder.Signal = default;
        Functions.Collect();
        return waiting;
    }

    /// Waits for an answer while whatever nobody holds is collected.
    public static async Task<string> AwaitSignalAfter(Holder holder, Func<Task> collect)
    {
        using var registered = holder.Signal.Register(static () => { });
        var source = new TaskCompletionSource();
        await using var ending = holder.Signal.Register(() => source.TrySetResult());
        await collect();
        await source.Task;
        return "cancelled";
    }

    static int disposed;

    public static int Disposed() => disposed;

    /// A stream that tells when it is disposed of.
    public static Stream Tells() => new Telling();

    sealed class Telling : MemoryStream
    {
        protected override void Dispose(bool disposing) => disposed++;
    }

    public static Holder GetSignal() => new() { Signal = Source.Token };

    public static void Cancel() => Source.Cancel();
}

public sealed class Holder
{
    public string? Name { get; set; }

    public CancellationToken Signal { get; set; }
}
