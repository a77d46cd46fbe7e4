namespace Owin.Host.Functions;

/// <summary>
/// Brings what follows an <c>await</c> of a function back to the function threads: on the thread pool it would keep
/// requests waiting. Not where the function says <c>ConfigureAwait(false)</c>. Each call has one of its own, which knows
/// the threads that the call is on.
/// <para>Threads: any. <c>this</c> is locked while the threads are counted.</para>
/// </summary>
internal sealed class FunctionContext(QueuedCall? call) : SynchronizationContext
{
    /// <summary>Of a thread that runs no call.</summary>
    public static readonly FunctionContext None = new(null);

    QueuedCall? Call => call;

    int threads;
    int givenUp;

    public override void Post(SendOrPostCallback callback, object? state) =>
        FunctionThreads.Queue(new Continuation(this, callback, state), WorkPriority.Continuation);

    public override void Send(SendOrPostCallback callback, object? state) => callback(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>A piece of the call begins on this thread, which sets the context back when the piece has ended.</summary>
    public void Enter()
    {
        lock (this)
            threads++;
        SetSynchronizationContext(this);
    }

    /// <summary>The piece has ended.</summary>
    public void Exit()
    {
        lock (this)
        {
            threads--;
            if (givenUp <= threads)
                return;
            givenUp--;
            FunctionThreads.TakeBackThread();
        }
    }

    /// <summary>Nobody waits for the call: others take the place of the threads it is on.</summary>
    public void GiveUpThreads()
    {
        lock (this)
        {
            for (; givenUp < threads; givenUp++)
                FunctionThreads.GiveUpThread();
        }
    }

    sealed class Continuation(FunctionContext context, SendOrPostCallback callback, object? state) : ICallWork
    {
        public QueuedCall? Call => context.Call;

        public void Execute()
        {
            context.Enter();
            if (Call is { Cancellation.IsCancellationRequested: true })
                Call.Leave();
            try
            {
                callback(state);
            }
            catch (Exception error)
            {
                // Of an async void method: nobody waits for it.
                UnhandledExceptions.Post(error);
            }
            context.Exit();
        }
    }
}

/// <summary>A piece of work that is of a call, or of a handler: null.</summary>
internal interface ICallWork : IThreadPoolWorkItem
{
    QueuedCall? Call { get; }
}
