using System.Collections.Concurrent;
using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// The functions of JavaScript's in the values of one request or one app, and the calls of them that wait.
/// <para>Threads: any. A call is answered once, by its result, or by the end of the request or app.</para>
/// </summary>
internal sealed class JsFunctions(JsEnvironment environment, string owner)
{
    sealed record Call(JsFunctions Functions, TaskCompletionSource<object> Result);

    static readonly ConcurrentDictionary<int, Call> Calls = [];
    static int last;

    readonly HashSet<int> pending = [];
    bool closed;

    /// <summary>The environment whose functions these are.</summary>
    public ulong Environment => environment.Id;

    /// <summary>The function of that number.</summary>
    public Func<object, Task<object>> Get(int number) => argument => Begin(number, argument);

    Task<object> Begin(int function, object argument)
    {
        int number = Interlocked.Increment(ref last);
        var result = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var payload = ValueWriter.Write(argument, "the argument");
            lock (pending)
            {
                if (closed)
                    throw Gone();
                // Before somebody who closes looks for it.
                Calls[number] = new(this, result);
                pending.Add(number);
            }
            if (!FrameWriter.Call(environment.Id, number, function, payload))
                Fail(number, Gone());
        }
        catch (Exception error)
        {
            return Task.FromException<object>(error);
        }
        return result.Task;
    }

    /// <summary>JavaScript has answered a call; one that waits no more is passed over.</summary>
    public static void Complete(int number, bool failed, ReadOnlySpan<byte> payload)
    {
        if (!Calls.TryRemove(number, out var call))
            return;
        lock (call.Functions.pending)
            call.Functions.pending.Remove(number);
        try
        {
            var value = ValueReader.Read(payload, call.Functions);
            if (failed)
                call.Result.TrySetException(new JsException((IDictionary<string, object>)value!));
            else
                call.Result.TrySetResult(value!);
        }
        catch (Exception error)
        {
            call.Result.TrySetException(error);
        }
    }

    /// <summary>The request or app is over: calls that wait fail, and so do later ones.</summary>
    public void Close()
    {
        int[] left;
        lock (pending)
        {
            closed = true;
            left = [.. pending];
            pending.Clear();
        }
        foreach (int number in left)
            Fail(number, Gone());
    }

    static void Fail(int number, Exception error)
    {
        if (Calls.TryRemove(number, out var call))
            call.Result.TrySetException(error);
    }

    OwinException Gone() => new(ErrorCodes.FunctionGone, $"The {owner} that gave this function is over.");
}
