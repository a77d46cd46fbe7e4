using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// A call that a function thread runs: queued → running → ended. It ends with a frame, which frees its slot.
/// <para>Threads: the pump makes it and cancels it.</para>
/// </summary>
internal sealed class QueuedCall(
    JsEnvironment environment,
    int slot,
    int generation,
    BoundFunction function,
    int target,
    int argumentCount,
    byte[] arguments
) : FunctionCall(environment, function, target, argumentCount), ICallWork
{
    // How long an aborted call may keep its thread.
    const int GraceMilliseconds = 1_000;

    CancellationTokenSource? cancelling;

    // Nothing of a call stays with its function when it has ended.
    CancellationTokenRegistration closing;
    FunctionContext? context;

    // There must be one of each: see ValueReader.FunctionsIn.
    List<JsFunction>? functions;
    JsBuffer[]? buffers;
    int ended;

    QueuedCall ICallWork.Call => this;

    public int Slot => slot;
    public int Generation => generation;

    public override CancellationToken Cancellation => cancelling?.Token ?? Function.Closing;

    /// <summary>Whether the environment keeps it until it has ended.</summary>
    public bool IsKept => cancelling != null || functions != null;

    /// <summary>JavaScript may cancel it.</summary>
    public void MakeCancellable()
    {
        cancelling = new CancellationTokenSource();
        closing = Function.Closing.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(),
            cancelling
        );
    }

    /// <summary>It is not wanted any more. What the app has registered for that runs elsewhere.</summary>
    public void Cancel()
    {
        cancelling
            ?.CancelAsync()
            .ContinueWith(
                static task => UnhandledExceptions.Post(task.Exception!),
                TaskContinuationOptions.OnlyOnFaulted
            );
        Leave();
    }

    /// <summary>Nobody waits for it: it may keep its threads for a while, and others then take their place.</summary>
    public void Leave() => Task.Delay(GraceMilliseconds).ContinueWith(_ => context?.GiveUpThreads());

    /// <summary>What came along with the arguments.</summary>
    public void Take(int flags, ReadOnlySpan<JsBuffer> large)
    {
        if (!large.IsEmpty)
            buffers = large.ToArray();
        if ((flags & (InvokeFlags.HasFunctions | InvokeFlags.HasProgress)) == 0)
            return;
        functions = ValueReader.FunctionsIn(arguments, Environment.CallFunctions(Function.Rules));
        if ((flags & InvokeFlags.HasProgress) != 0)
            ProgressFunction = functions[^1];
    }

    public void Execute()
    {
        FunctionCounts.Begin();
        context = new FunctionContext(this);
        context.Enter();
        // Behind the entry: who closes or cancels from here on finds this thread in the context, and gives it up.
        if (Environment.Functions.IsClosed)
            Ended();
        else
            Run();
        context.Exit();
    }

    void Run()
    {
        try
        {
            if (Cancellation.IsCancellationRequested)
                throw new OwinException(ErrorCodes.Cancelled, "The call was aborted before it began.");
            var reader = new ValueReader(arguments, Environment.CallFunctions(Function.Rules), buffers, Function.Rules);
            Function.Invoke(ref reader, this);
        }
        catch (Exception error)
        {
            Throw(error);
        }
    }

    /// <summary>Ends it before it has begun: too much waits.</summary>
    public void Refuse()
    {
        Release();
        FrameWriter.Error(Environment.Id, ToJs.Threw, slot, generation, FunctionThreads.Full());
    }

    protected override void End(ReadOnlySpan<byte> result)
    {
        if (FlushProgress() is { } error)
        {
            Throw(error);
            return;
        }
        Ended();
        FrameWriter.Returned(Environment.Id, slot, generation, result);
    }

    public override void Throw(Exception error)
    {
        FlushProgress();
        Ended();
        FrameWriter.Error(Environment.Id, ToJs.Threw, slot, generation, error, Environment.Objects.Hold(error));
    }

    Exception? FlushProgress() => (Progress as IPendingProgress)?.Flush();

    // Once, also where its frame could not be posted and an error follows.
    void Ended()
    {
        if (Interlocked.Exchange(ref ended, 1) != 0)
            return;
        Release();
        FunctionCounts.End();
        Function.Ended();
    }

    void Release()
    {
        closing.Unregister();
        if (IsKept)
            Environment.Functions.Ended(this);
    }
}
