using System.Reflection;
using System.Runtime.Versioning;
using Owin.Host.Functions;
using Owin.Host.Http;

namespace Owin.Host.Hosting;

/// <summary>
/// An app that can answer requests, until it is closed. What kind of app it is, the derived class knows.
/// <para>Threads: any. Close works once, the calls after it do nothing.</para>
/// </summary>
internal abstract class LoadedApp
{
    /// <summary>What an app has to end in whose environment has closed.</summary>
    const int DefaultMilliseconds = 30_000;

    readonly JsFunctions? functions;
    readonly CancellationTokenSource disposing = new();
    int closed;

    /// <param name="id">the number JavaScript gave it</param>
    /// <param name="context">its assemblies; released with it</param>
    /// <param name="name">the value of host.AppName where none is given</param>
    /// <param name="options">what was asked for</param>
    protected LoadedApp(int id, AppLoadContext context, string name, AppOptions options)
    {
        Id = id;
        Context = context;
        Properties = StartupProperties.Create(options.Properties, name, disposing.Token);
        Output = options.Output;
        Properties[OwinKeys.HostTraceOutput] = Output.TraceOutput;
        foreach (var (key, value) in options.Values)
            Properties.TryAdd(key, value);
        functions = options.Functions;
        Requests = options.Requests;
        CpuBound = options.CpuBound;
    }

    public AppLoadContext Context { get; }

    /// <summary>The number JavaScript gave it.</summary>
    public int Id { get; }

    /// <summary>Requests to the JavaScript app that the handler is mounted in.</summary>
    public AppRequests? Requests { get; }

    /// <summary>Its requests run on the function threads.</summary>
    public bool CpuBound { get; }

    /// <summary>Where goes what the app writes.</summary>
    public AppOutput Output { get; }

    /// <summary>The startup properties. Read by every request: only the app itself may write to what they hold.</summary>
    public IDictionary<string, object> Properties { get; }

    /// <summary>
    /// Calls the app for a request, after it has given the exchange its view. The exchange ends as the Task does.
    /// </summary>
    public abstract Task Handle(Exchange exchange);

    /// <summary>Pairs of name and value that say what was loaded.</summary>
    public abstract IReadOnlyList<string> Describe();

    /// <summary>What every kind says of itself.</summary>
    protected string[] Describe(string kind, Assembly assembly, string type, string method, string chosenBy)
    {
        var name = assembly.GetName();
        return
        [
            "kind",
            kind,
            "assembly",
            name.Name!,
            "assemblyVersion",
            name.Version!.ToString(),
            "type",
            type,
            "method",
            method,
            "chosenBy",
            chosenBy,
            "targetFramework",
            TargetFramework(assembly),
            "location",
            Context.Source,
        ];
    }

    // An instance of the attribute would cost its constructor and setters, by reflection.
    static string TargetFramework(Assembly assembly) =>
        assembly
            .GetCustomAttributesData()
            .FirstOrDefault(each => each.AttributeType == typeof(TargetFrameworkAttribute))
            ?.ConstructorArguments[0]
            .Value as string
        ?? "";

    /// <summary>What the startup code has begun before it failed hears that the app ends.</summary>
    protected void Abandon()
    {
        try
        {
            disposing.Cancel();
        }
        catch (AggregateException error)
        {
            TraceOutput.Instance.WriteLine(error);
        }
    }

    /// <summary>No more requests come; those that run go on. May be called again.</summary>
    public virtual void BeginStop() { }

    /// <summary>Pairs of name and value that say how the app has ended.</summary>
    public virtual IReadOnlyList<string> Outcome => [];

    /// <summary>
    /// Ends the app and lets it go: first what its kind does to end it, then host.OnAppDisposing. Throws what the app's
    /// code threw; all of it has run, and the app is closed all the same.
    /// </summary>
    /// <param name="milliseconds">how long is waited for its end</param>
    public void Close(int milliseconds = DefaultMilliseconds)
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        Output.Enter();
        try
        {
            End(milliseconds);
        }
        finally
        {
            try
            {
                disposing.Cancel();
            }
            finally
            {
                functions?.Close();
                Requests?.Close();
                Output.Close();
                Context.Release();
            }
        }
    }

    /// <summary>Ends what the kind has started, and waits so long for it.</summary>
    protected virtual void End(int milliseconds) { }
}
