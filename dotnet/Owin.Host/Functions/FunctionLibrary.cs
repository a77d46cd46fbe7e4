using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>
/// An assembly whose methods JavaScript calls, in a load context of its own, for all functions of one environment.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class FunctionLibrary
{
    readonly CancellationTokenSource closing = new();

    /// <summary>Throws where there is no assembly, or none that can be loaded.</summary>
    public FunctionLibrary(string path)
    {
        if (!File.Exists(path))
            throw LoadErrors.NotFound(path);
        Context = SpareContexts.Take(path) ?? new AppLoadContext(path, isCollectible: false);
        try
        {
            Assembly = Context.LoadApp();
        }
        catch (Exception error) when (error is BadImageFormatException or FileLoadException)
        {
            throw LoadErrors.Format(path, error);
        }
    }

    public AppLoadContext Context { get; }
    public Assembly Assembly { get; }

    /// <summary>How many functions are of it. Guarded by <see cref="FunctionTable" />.</summary>
    public int Functions { get; set; }

    /// <summary>Cancelled when nobody can call its functions any more.</summary>
    public CancellationToken Closing => closing.Token;

    /// <summary>Its last function is gone, or the environment has closed.</summary>
    public void Close()
    {
        try
        {
            closing.Cancel();
        }
        catch (AggregateException error)
        {
            UnhandledExceptions.Post(error);
        }
        SpareContexts.Give(Context);
    }
}
