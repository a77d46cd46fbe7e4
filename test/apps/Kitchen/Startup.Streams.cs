using System.Globalization;
using System.Text;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Kitchen;

/// What may be done with the two streams.
public sealed partial class Startup
{
    static Dictionary<string, AppFunc> Streams =>
        new()
        {
            ["/body"] = DescribeBody,
            ["/response-stream"] = DescribeResponseStream,
            ["/read-cancelled"] = ReadCancelled,
            ["/read-pending"] = LeaveReadPending,
            ["/read-all"] = ReadAllAndNote,
            ["/read-then-wait"] = ReadThenWait,
            ["/after-abort"] = UseAfterAbort,
            ["/write-forms"] = WriteForms,
            ["/write-parallel"] = WriteInParallel,
            ["/write-held"] = WriteUntilHeld,
            ["/dispose-request"] = DisposeRequest,
            ["/threads"] = LimitThreads,
        };

    /// What the request body is, and then its text.
    static async Task DescribeBody(IDictionary<string, object> env)
    {
        var body = env.RequestBody();
        using var reader = new StreamReader(body, Encoding.UTF8, leaveOpen: true);
        await env.Answer(
            Lines(
                new()
                {
                    ["null"] = ReferenceEquals(body, Stream.Null),
                    ["canSeek"] = body.CanSeek,
                    ["canRead"] = body.CanRead,
                    ["canWrite"] = body.CanWrite,
                    ["consumed"] = env.TryGetValue("node.BodyConsumed", out var consumed) ? consumed : "absent",
                    ["text"] = await reader.ReadToEndAsync(),
                }
            )
        );
    }

    static async Task DescribeResponseStream(IDictionary<string, object> env)
    {
        var body = env.ResponseBody();
        await env.Answer(
            Lines(
                new()
                {
                    ["canRead"] = body.CanRead,
                    ["canSeek"] = body.CanSeek,
                    ["canWrite"] = body.CanWrite,
                    ["read"] = await Outcome(() => body.ReadAsync(new byte[1], 0, 1)),
                    ["seek"] = await Outcome(() => Done(() => body.Seek(0, SeekOrigin.Begin))),
                    ["length"] = await Outcome(() => Task.FromResult(body.Length)),
                    ["setLength"] = await Outcome(() => Done(() => body.SetLength(0))),
                }
            )
        );
    }

    /// Cancels a read that waits, noted under `?id=`, then reads all: answers what the cancelled one threw and the
    /// text. The client sends nothing before it has seen the note.
    static async Task ReadCancelled(IDictionary<string, object> env)
    {
        using var cancellation = new CancellationTokenSource();
        var read = env.RequestBody().ReadAsync(new byte[16], 0, 16, cancellation.Token);
        await cancellation.CancelAsync();
        var outcome = await Outcome(() => read);
        Notes.Add(env.Query("id")!, "cancelled");
        using var reader = new StreamReader(env.RequestBody());
        await env.Answer($"{outcome}\n{await reader.ReadToEndAsync()}");
    }

    /// Answers while a read waits; what becomes of it is noted under `?id=`.
    static async Task LeaveReadPending(IDictionary<string, object> env)
    {
        var read = env.RequestBody().ReadAsync(new byte[16], 0, 16);
        _ = NoteOutcome(env.Query("id")!, read);
        await env.Answer("not waited for");
    }

    static async Task NoteOutcome(string topic, Task task) => Notes.Add(topic, await Outcome(() => task));

    /// Reads to the end and notes the number of bytes, or what reading threw, under `?id=`.
    static async Task ReadAllAndNote(IDictionary<string, object> env)
    {
        var length = 0L;
        var outcome = await Outcome(async () =>
        {
            var buffer = new byte[ChunkSize];
            for (int read; (read = await env.RequestBody().ReadAsync(buffer)) > 0; length += read)
                Notes.Add(env.Query("id") + ":reading", $"{read}");
        });
        Notes.Add(env.Query("id")!, $"{length} {outcome}");
        await env.Answer($"{length}");
    }

    /// Reads `?n=` bytes, notes that under `?id=`, and reads on after a note under `<id>:go`; answers the length.
    static async Task ReadThenWait(IDictionary<string, object> env)
    {
        var id = env.Query("id")!;
        var first = new byte[env.Number("n", 1)];
        await env.RequestBody().ReadExactlyAsync(first);
        Notes.Add(id, "read");
        await Notes.Wait($"{id}:go", 1, env.CallCancelled());
        var length = (long)first.Length;
        var buffer = new byte[ChunkSize];
        for (int read; (read = await env.RequestBody().ReadAsync(buffer)) > 0; )
            length += read;
        await env.Answer($"{length}");
    }

    /// Waits until the client has gone, then notes under `?id=` what each stream throws. `&write` starts before.
    static async Task UseAfterAbort(IDictionary<string, object> env)
    {
        var id = env.Query("id")!;
        if (env.Query("write") != null)
            await env.Send("begun");
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = env.CallCancelled().Register(cancelled.SetResult);
        Notes.Add($"{id}:waiting", "");
        await cancelled.Task;
        var write = await Outcome(() => env.ResponseBody().WriteAsync("late"u8.ToArray(), 0, 4));
        var flush = await Outcome(() => env.ResponseBody().FlushAsync());
        var read = await Outcome(() => env.RequestBody().ReadAsync(new byte[1], 0, 1));
        Notes.Add(id, $"write {write}, flush {flush}, read {read}");
    }

    /// Every way to write, and a Dispose that is ignored in between.
    static async Task WriteForms(IDictionary<string, object> env)
    {
        var body = env.ResponseBody();
        body.Write("array "u8.ToArray(), 0, 6);
        body.Write("span "u8);
        body.WriteByte((byte)'b');
        body.Write([]);
        await body.WriteAsync(" task "u8.ToArray(), 0, 6);
        await body.WriteAsync("memory "u8.ToArray().AsMemory());
        await body.WriteAsync(ReadOnlyMemory<byte>.Empty);
        await Task.Factory.FromAsync(body.BeginWrite, body.EndWrite, "begin "u8.ToArray(), 0, 6, null);
        body.Dispose();
        await using (var writer = new StreamWriter(body))
            await writer.WriteAsync("writer ");
        body.Write("part of an array"u8.ToArray(), 0, 4);
        var arguments = await Outcome(() => body.WriteAsync(new byte[2], 1, 2));
        await body.WriteAsync(Encoding.UTF8.GetBytes($" {arguments}"));
    }

    /// `?threads=` threads write `?n=` lines each, one line a write.
    static Task WriteInParallel(IDictionary<string, object> env)
    {
        var body = env.ResponseBody();
        var writers = Enumerable.Range(0, (int)env.Number("threads")).Select(thread => Task.Run(() => Write(thread)));
        return Task.WhenAll(writers);

        async Task Write(int thread)
        {
            for (var i = 0; i < env.Number("n"); i++)
                await body.WriteAsync(Encoding.UTF8.GetBytes($"{thread}-{i} {new string('x', 100)}\n"));
        }
    }

    /// Writes `?n=` bytes in pieces of 64 KB. The first write that waits longer than `?patience=` ms is noted under
    /// `?id=` with the bytes before it.
    static async Task WriteUntilHeld(IDictionary<string, object> env)
    {
        var patience = TimeSpan.FromMilliseconds(env.Number("patience", 500));
        var held = false;
        for (var sent = 0L; sent < env.Number("n"); sent += ChunkSize)
        {
            var write = env.ResponseBody().WriteAsync(Pattern, (int)(sent % 251), ChunkSize);
            if (!held && !write.IsCompleted && await Task.WhenAny(write, Task.Delay(patience)) != write)
            {
                held = true;
                Notes.Add(env.Query("id")!, sent.ToString(CultureInfo.InvariantCulture));
            }
            await write;
        }
    }

    /// Disposes the request body after `?n=` bytes and answers what reading then throws.
    static async Task DisposeRequest(IDictionary<string, object> env)
    {
        var body = env.RequestBody();
        await body.ReadAtLeastAsync(new byte[env.Number("n", 1)], (int)env.Number("n", 1));
        await body.DisposeAsync();
        await env.Answer(await Outcome(() => body.ReadAsync(new byte[1], 0, 1)));
    }

    /// The pool gets no more than `?max=` threads.
    static Task LimitThreads(IDictionary<string, object> env)
    {
        var threads = (int)env.Number("max");
        ThreadPool.SetMinThreads(1, 1);
        return env.Answer($"{ThreadPool.SetMaxThreads(threads, threads)}");
    }
}
