using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// One call of a function from JavaScript: queued → running → ended. It ends once, with a frame that frees its slot.
/// <para>
/// Threads: the pump makes it and cancels it, a function thread runs it, whichever completes its Task ends it.
/// </para>
/// </summary>
internal sealed class FunctionCall(
    JsEnvironment environment,
    int slot,
    int generation,
    BoundFunction function,
    int argumentCount,
    byte[] arguments
) : IThreadPoolWorkItem
{
    CancellationTokenSource? cancelling;
    JsFunctions? functions;

    public BoundFunction Function => function;
    public int ArgumentCount => argumentCount;
    public int Slot => slot;
    public int Generation => generation;

    /// <summary>Cancelled when JavaScript aborts the call, or its environment closes.</summary>
    public CancellationToken Cancellation => cancelling?.Token ?? function.Library.Closing;

    /// <summary>JavaScript may cancel it.</summary>
    public void MakeCancellable() =>
        cancelling = CancellationTokenSource.CreateLinkedTokenSource(function.Library.Closing);

    /// <summary>It is not wanted any more. Runs on the pump: what the app has registered runs elsewhere.</summary>
    public void Cancel() =>
        cancelling!
            .CancelAsync()
            .ContinueWith(
                static task => UnhandledExceptions.Post(task.Exception!),
                TaskContinuationOptions.OnlyOnFaulted
            );

    public void Execute()
    {
        FunctionCounts.Begin();
        try
        {
            if (cancelling is { IsCancellationRequested: true })
                throw new OwinException(ErrorCodes.Cancelled, "The call was aborted before it began.");
            if (arguments.Length > 0)
                functions = new JsFunctions(environment, "call");
            var reader = new ValueReader(arguments, functions!);
            function.Invoke(ref reader, this);
        }
        catch (Exception error)
        {
            Throw(error);
        }
    }

    /// <summary>Ends it without a result.</summary>
    public void Return()
    {
        End();
        FrameWriter.Returned(environment.Id, slot, generation, default);
    }

    /// <summary>Ends it with a result. Throws for one that cannot cross; the call has not ended then.</summary>
    public void Return<T>(T value)
    {
        var written = ValueWriter.Write(value, "the result");
        End();
        FrameWriter.Returned(environment.Id, slot, generation, written);
    }

    /// <summary>Ends it with what it has failed with.</summary>
    public void Throw(Exception error)
    {
        End();
        FrameWriter.Error(environment.Id, ToJs.Threw, slot, generation, error);
    }

    /// <summary>Ends it before it has begun: too much waits.</summary>
    public void Refuse()
    {
        FunctionCounts.Begin();
        Throw(
            new OwinException(
                ErrorCodes.FunctionQueueFull,
                $"{FunctionThreads.QueueLimit} calls wait already, which is the limit."
            )
        );
    }

    void End()
    {
        functions?.Close();
        if (cancelling != null)
            environment.Functions.Ended(this);
        FunctionCounts.End();
        function.Ended();
    }
}
