using System.Collections.Concurrent;
using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// The functions of JavaScript's in the values of one request, one app, or all calls of an environment, and the calls of
/// them that wait.
/// <para>
/// Threads: any. A call is answered once, by its result, or by the end of the owner. Those of a request or an app end
/// with it; those of calls are <paramref name="lasting" />: JavaScript keeps each until .NET has no
/// <see cref="JsFunction" /> of it any more.
/// </para>
/// </summary>
/// <param name="environment">The environment whose functions these are.</param>
/// <param name="owner">Who gave them, for messages.</param>
/// <param name="rules">How their results are read where no type is declared.</param>
/// <param name="lasting">Whether they outlive the call they came with.</param>
internal sealed class JsFunctions(
    JsEnvironment environment,
    string owner,
    ValueRules rules = ValueRules.Integers,
    bool lasting = false
)
{
    sealed record Call(JsFunctions Functions, TaskCompletionSource<JsResult> Result);

    static readonly ConcurrentDictionary<int, Call> Calls = [];
    static int last;

    // Of a call that nobody waits for.
    const int None = 0;

    readonly HashSet<int> pending = [];
    readonly Dictionary<int, WeakReference<JsFunction>> known = [];
    bool closed;

    /// <summary>The environment whose functions these are.</summary>
    public JsEnvironment Environment => environment;

    public bool IsLasting => lasting;

    /// <summary>How results are read, and arguments written, where no type is declared.</summary>
    public ValueRules Rules => rules;

    /// <summary>How many functions JavaScript keeps for .NET until they are forgotten.</summary>
    public int Count
    {
        get
        {
            lock (known)
                return known.Count;
        }
    }

    /// <summary>The function of that number as OWIN apps know it.</summary>
    public Func<object, Task<object>> Get(int number) => Find(number).AsOwin();

    /// <summary>The function of that number, the same one each time.</summary>
    public JsFunction Find(int number)
    {
        if (!lasting)
            return new(this, number);
        lock (known)
        {
            if (known.TryGetValue(number, out var reference) && reference.TryGetTarget(out var function))
                return function;
            function = new(this, number);
            known[number] = new(function);
            return function;
        }
    }

    /// <summary>.NET has none of that number any more. From a finalizer.</summary>
    public void Forget(int number)
    {
        lock (known)
            known.Remove(number);
        FrameWriter.ReleaseFunction(environment.Id, number);
    }

    /// <summary>Calls a function; the result is a value as bytes.</summary>
    public Task<JsResult> Begin(int function, ReadOnlySpan<byte> arguments)
    {
        int number;
        var result = new TaskCompletionSource<JsResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (pending)
        {
            if (closed)
                return Task.FromException<JsResult>(Gone());
            // Before somebody who closes looks for it.
            do number = Interlocked.Increment(ref last) & int.MaxValue;
            while (number == None || !Calls.TryAdd(number, new(this, result)));
            pending.Add(number);
        }
        if (!FrameWriter.Call(environment.Id, number, function, arguments))
            Fail(number, Gone());
        return result.Task;
    }

    /// <summary>Calls a function whose result nobody wants; what it throws is JavaScript's own affair.</summary>
    public void Post(int function, ReadOnlySpan<byte> arguments) =>
        FrameWriter.Call(environment.Id, None, function, arguments);

    /// <summary>JavaScript has answered a call; one that waits no more is passed over.</summary>
    public static void Complete(JsEnvironment environment, int number, bool failed, ReadOnlySpan<byte> payload)
    {
        if (!Calls.TryRemove(number, out var call))
        {
            // What nobody gets tells JavaScript to keep it no more: the exception, or functions in the result.
            var functions = environment.CallFunctions(ValueRules.Integers);
            if (failed)
                _ = functions.Thrown(payload);
            else
                ValueReader.FunctionsIn(payload, functions);
            return;
        }
        lock (call.Functions.pending)
            call.Functions.pending.Remove(number);
        try
        {
            if (failed)
                call.Result.TrySetException(call.Functions.Thrown(payload));
            else
                call.Result.TrySetResult(new(payload, call.Functions));
        }
        catch (Exception error)
        {
            call.Result.TrySetException(error);
        }
    }

    // An exception that JavaScript throws back is the original again.
    Exception Thrown(ReadOnlySpan<byte> payload)
    {
        var fields = (IDictionary<string, object>)ValueReader.Read(payload, this)!;
        return
            fields.TryGetValue("exception", out var number)
            && number is int held
            && environment.Objects.Find(held) is Exception original
            ? original
            : new JsException(fields, environment.Id);
    }

    /// <summary>The owner is over: calls that wait fail, and so do later ones.</summary>
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
