namespace Owin.Host.Functions;

/// <summary>Progress that has not been told yet.</summary>
internal interface IPendingProgress
{
    /// <summary>Tells the last one: nothing comes after it.</summary>
    void Flush();
}

/// <summary>
/// A function of JavaScript's as a progress. While a call of it is under way, which is until Node's loop has turned, the
/// last of what is reported waits, and what it replaces is not told.
/// <para>Threads: any. Frames are posted under the lock, so that they are in order.</para>
/// </summary>
internal sealed class JsProgress<T>(JsFunction function) : IProgress<T>, IPendingProgress
{
    readonly object gate = new();
    bool calling;
    bool waits;
    T? next;

    public void Report(T value)
    {
        lock (gate)
        {
            if (calling)
            {
                next = value;
                waits = true;
                return;
            }
            calling = true;
            _ = Tell(value);
        }
    }

    public void Flush()
    {
        lock (gate)
        {
            if (!waits)
                return;
            waits = false;
            _ = Call(next!);
        }
    }

    async Task Tell(T value)
    {
        await Call(value).ConfigureAwait(false);
        lock (gate)
        {
            calling = waits;
            if (!waits)
                return;
            waits = false;
            _ = Tell(next!);
        }
    }

    Task Call(T value)
    {
        var call = new JsCall(function);
        call.Add(value, "the progress");
        return call.Told();
    }
}
