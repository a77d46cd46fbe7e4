namespace Owin.Host.Functions;

/// <summary>
/// The objects of one JavaScript environment that it has made with <c>new</c>, and the exceptions its calls have failed
/// with, by number, until it lets them go.
/// <para>Threads: any. What an object does when it is disposed runs on a function thread.</para>
/// </summary>
/// <param name="last">The number given last.</param>
internal sealed class HeldObjects(int last = 0)
{
    readonly Dictionary<int, object> objects = [];

    public int Count
    {
        get
        {
            lock (objects)
                return objects.Count;
        }
    }

    /// <summary>Holds an object; returns its number.</summary>
    public int Add(object value)
    {
        lock (objects)
        {
            do last = Numbers.After(last);
            while (!objects.TryAdd(last, value));
            return last;
        }
    }

    /// <summary>
    /// Holds an exception for the error that JavaScript makes of it; 0: it comes from JavaScript, which has it.
    /// </summary>
    public int Hold(Exception error) => error is JsException ? 0 : Add(error);

    /// <summary>The object of that number, or null.</summary>
    public object? Find(int number)
    {
        lock (objects)
            return objects.GetValueOrDefault(number);
    }

    /// <summary>The object of that number. Throws where it was let go.</summary>
    public object Get(int number)
    {
        lock (objects)
            return objects.TryGetValue(number, out var value)
                ? value
                : throw new OwinException(ErrorCodes.FunctionClosed, "The object was disposed of.");
    }

    /// <summary>The object of that number, which JavaScript calls no more; null: it was let go. The caller disposes of it.</summary>
    public object? Take(int number)
    {
        lock (objects)
            return objects.Remove(number, out var value) ? value : null;
    }

    /// <summary>JavaScript calls it no more.</summary>
    public void Release(int number) => Leave(Take(number));

    /// <summary>The environment has closed.</summary>
    public void ReleaseAll()
    {
        object[] left;
        lock (objects)
        {
            left = [.. objects.Values];
            objects.Clear();
        }
        foreach (var value in left)
            Leave(value);
    }

    // Nobody waits for it.
    static void Leave(object? value)
    {
        if (value is IDisposable or IAsyncDisposable)
            Dispose(value, awaited: false)
                .ContinueWith(
                    static task => UnhandledExceptions.Post(task.Exception!.InnerException!),
                    TaskContinuationOptions.OnlyOnFaulted
                );
    }

    /// <summary>Disposes of an object on a function thread.</summary>
    /// <param name="value">It need not be disposable.</param>
    /// <param name="awaited">Whether somebody waits, and DisposeAsync goes before Dispose.</param>
    public static Task Dispose(object value, bool awaited)
    {
        if (value is not (IDisposable or IAsyncDisposable))
            return Task.CompletedTask;
        var disposal = new Disposal(value, awaited);
        FunctionThreads.Queue(disposal, WorkPriority.Normal);
        return disposal.Done;
    }

    sealed class Disposal(object value, bool awaited) : IThreadPoolWorkItem
    {
        readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => done.Task;

        public async void Execute()
        {
            try
            {
                if (value is IAsyncDisposable later && (awaited || value is not IDisposable))
                    await later.DisposeAsync();
                else
                    ((IDisposable)value).Dispose();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        }
    }
}
