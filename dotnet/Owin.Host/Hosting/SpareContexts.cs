using System.Runtime.InteropServices;

namespace Owin.Host.Hosting;

/// <summary>
/// Load contexts of environments that have closed, for those to come: workers come and go, and what a context has
/// loaded can never be unloaded. Only one app lives in a context at a time, but it finds the statics of the one
/// before.
/// <para>Threads: any.</para>
/// <para>Invariant: a context is in here, or an app's or its environment's; never both.</para>
/// </summary>
internal static class SpareContexts
{
    static readonly Dictionary<string, Stack<AppLoadContext>> spare = new(StringComparer.Ordinal);

    /// <summary>A context that has loaded the files of this app as they are now, or null.</summary>
    public static AppLoadContext? Take(string source)
    {
        lock (spare)
        {
            if (!spare.TryGetValue(source, out var contexts))
                return null;
            while (contexts.TryPop(out var context))
            {
                if (context.IsUpToDate)
                    return context;
            }
            return null;
        }
    }

    public static void Give(AppLoadContext context)
    {
        if (context.IsCollectible)
            return;
        lock (spare)
            (CollectionsMarshal.GetValueRefOrAddDefault(spare, context.Source, out _) ??= []).Push(context);
    }
}
