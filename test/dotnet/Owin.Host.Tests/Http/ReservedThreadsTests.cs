using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class ReservedThreadsTests
{
    [Fact]
    public async Task Work_is_not_behind_other_work()
    {
        using var release = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ReservedThreads.Queue(() =>
        {
            blocked.SetResult();
            release.Wait();
        });
        await blocked.Task.InTime();
        ReservedThreads.Queue(done.SetResult);
        await done.Task.InTime();
        release.Set();
    }

    [Fact]
    public async Task Work_of_the_same_moment_does_not_wait_for_one_idle_thread()
    {
        // Each round is one more than there are idle threads, and ends when all of it is at work at once.
        for (int count = 1; count <= 20; count++)
        {
            var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            int left = count;
            for (int i = 0; i < count; i++)
            {
                ReservedThreads.Queue(() =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                        met.SetResult();
                    met.Task.Wait(TimeSpan.FromSeconds(30));
                });
            }
            await met.Task.InTime();
        }
    }

    [Fact]
    public async Task All_work_is_done()
    {
        const int Count = 50;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = Count;
        for (int i = 0; i < Count; i++)
        {
            ReservedThreads.Queue(() =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                    done.SetResult();
            });
        }
        await done.Task.InTime();
    }
}
