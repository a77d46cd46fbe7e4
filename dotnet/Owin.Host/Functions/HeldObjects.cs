namespace Owin.Host.Functions;

/// <summary>
/// The objects of one JavaScript environment that it has made with <c>new</c>, and the exceptions its calls have failed
/// with, by number, until it lets them go.
/// <para>Threads: any. What an object does when it is disposed runs on a function thread.</para>
/// </summary>
internal sealed class HeldObjects
{
    readonly Dictionary<int, object> objects = [];
    int last;

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
            objects.Add(++last, value);
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

    /// <summary>JavaScript calls it no more.</summary>
    public void Release(int number)
    {
        object? value;
        lock (objects)
            objects.Remove(number, out value);
        Dispose(value);
    }

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
            Dispose(value);
    }

    static void Dispose(object? value)
    {
        if (value is IDisposable or IAsyncDisposable)
            FunctionThreads.Queue(new Disposal(value), WorkPriority.Normal);
    }

    sealed class Disposal(object value) : IThreadPoolWorkItem
    {
        public async void Execute()
        {
            try
            {
                if (value is IDisposable disposable)
                    disposable.Dispose();
                else
                    await ((IAsyncDisposable)value).DisposeAsync();
            }
            catch (Exception error)
            {
                UnhandledExceptions.Post(error);
            }
        }
    }
}
