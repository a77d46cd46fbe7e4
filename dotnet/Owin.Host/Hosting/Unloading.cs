namespace Owin.Host.Hosting;

/// <summary>
/// The unloadable apps of one environment that were closed, by number, until they are gone from memory.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class Unloading
{
    readonly Dictionary<int, WeakReference> contexts = [];

    /// <summary>Closes an app, which has so much time to end. Throws what its disposing callbacks threw.</summary>
    public void Close(LoadedApp app, int milliseconds)
    {
        if (app.Context.IsCollectible)
        {
            // The context's finalizer runs long before the app's code can go.
            var context = new WeakReference(app.Context, trackResurrection: true);
            lock (contexts)
                contexts[app.Id] = context;
        }
        app.Close(milliseconds);
    }

    /// <summary>Whether nothing refers to the closed app any more; collects garbage to find out.</summary>
    public bool IsGone(int id)
    {
        WeakReference? context;
        lock (contexts)
        {
            if (!contexts.TryGetValue(id, out context))
                return true;
        }
        // What a finalizer lets go of, the next collection finds.
        for (int i = 0; i < 2 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        if (context.IsAlive)
            return false;
        lock (contexts)
            contexts.Remove(id);
        return true;
    }
}
