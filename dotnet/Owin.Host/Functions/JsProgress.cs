namespace Owin.Host.Functions;

/// <summary>Progress that has not been told yet.</summary>
internal interface IPendingProgress
{
    /// <summary>Tells the last one: nothing comes after it. Answers why what was reported could not cross, or null.</summary>
    Exception? Flush();
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
    Exception? failure;

    /// <summary>Throws where nothing waits and the value cannot cross; one that waited fails the call at its end.</summary>
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
            Begin(value);
        }
    }

    public Exception? Flush()
    {
        lock (gate)
        {
            TellNext(Call);
            return failure;
        }
    }

    Task Begin(T value)
    {
        var call = Call(value);
        calling = true;
        return GoOn(call);
    }

    async Task GoOn(Task call)
    {
        await call.ConfigureAwait(false);
        lock (gate)
        {
            calling = false;
            TellNext(Begin);
        }
    }

    // Whoever has reported it does not wait for this.
    void TellNext(Func<T, Task> tell)
    {
        if (!waits)
            return;
        waits = false;
        try
        {
            _ = tell(next!);
        }
        catch (Exception error)
        {
            failure ??= error;
        }
    }

    // Throws for what cannot cross.
    Task Call(T value)
    {
        var call = new JsCall(function);
        call.Add(value, "the progress");
        return call.Told();
    }
}
