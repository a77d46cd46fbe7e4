namespace Owin.Host.Hosting;

/// <summary>
/// One run of an app's startup code, and what it is given. The properties are made when somebody wants them: an app
/// that begins with its handler does not.
/// </summary>
internal sealed class StartupRun(AppLoadContext context, Func<IDictionary<string, object>> createProperties)
{
    IDictionary<string, object>? properties;

    public AppLoadContext Context { get; } = context;

    /// <summary>The startup properties as the app sees them.</summary>
    public IDictionary<string, object> Properties
    {
        get => properties ??= createProperties();
        set => properties = value;
    }

    /// <summary>Null: nobody wanted them.</summary>
    public IDictionary<string, object>? UsedProperties => properties;
}
