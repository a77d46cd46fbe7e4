namespace Owin.Host.Functions;

/// <summary>
/// Brings what follows an <c>await</c> of a function back to the function threads: on the thread pool it would keep
/// requests waiting. Not where the function says <c>ConfigureAwait(false)</c>.
/// </summary>
internal sealed class FunctionContext : SynchronizationContext
{
    public static readonly FunctionContext Instance = new();

    FunctionContext() { }

    public override void Post(SendOrPostCallback callback, object? state) =>
        FunctionThreads.Queue(new Continuation(callback, state), WorkPriority.Continuation);

    public override void Send(SendOrPostCallback callback, object? state) => callback(state);

    public override SynchronizationContext CreateCopy() => this;

    sealed class Continuation(SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try
            {
                callback(state);
            }
            catch (Exception error)
            {
                // Of an async void method: nobody waits for it.
                UnhandledExceptions.Post(error);
            }
        }
    }
}
