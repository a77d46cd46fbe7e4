using System.Collections.Concurrent;

namespace Owin.Host.Hosting;

/// <summary>The unloadable apps of one environment that were closed, by number, until they are gone from memory.</summary>
internal sealed class Unloading
{
    readonly ConcurrentDictionary<int, WeakReference> contexts = new();

    /// <summary>Closes an app. Throws what its disposing callbacks threw.</summary>
    public void Close(LoadedApp app)
    {
        // The context's finalizer runs long before the app's code can go.
        if (app.Context.IsCollectible)
            contexts[app.Id] = new WeakReference(app.Context, trackResurrection: true);
        app.Close();
    }

    /// <summary>Whether nothing refers to the closed app any more; collects garbage to find out.</summary>
    public bool IsGone(int id)
    {
        if (!contexts.TryGetValue(id, out var context))
            return true;
        // What a finalizer lets go of, the next collection finds.
        for (int i = 0; i < 2 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return !context.IsAlive && contexts.TryRemove(id, out _);
    }
}
