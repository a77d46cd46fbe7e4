using System.Runtime.CompilerServices;
using Owin.Host.Functions.Codecs;

namespace Owin.Host.Functions;

/// <summary>
/// An async iterable of JavaScript's, behind a function that gives the next items: <c>pull(count)</c> up to so many, at
/// least one unless it has ended; <c>pull(0)</c> ends it early.
/// </summary>
internal static class JsIterable
{
    const int CountMost = 32;

    public static async IAsyncEnumerable<T> Read<T>(
        JsFunction pull,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        bool ended = false;
        try
        {
            for (int count = 1; !ended; count = Math.Min(count * 2, CountMost))
            {
                var batch = await Pull<T>(pull, count).WaitAsync(cancel).ConfigureAwait(false);
                ended = batch.IsLast;
                foreach (var item in batch.Items)
                    yield return item;
            }
        }
        finally
        {
            if (!ended)
                Stop(pull);
        }
    }

    static Task<Batch<T>> Pull<T>(JsFunction pull, int count)
    {
        var call = new JsCall(pull);
        call.Add(count, "count");
        return call.Run<Batch<T>>();
    }

    static void Stop(JsFunction pull)
    {
        var call = new JsCall(pull);
        call.Add(0, "count");
        call.Post();
    }
}
