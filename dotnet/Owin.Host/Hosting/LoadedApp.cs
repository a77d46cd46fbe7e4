using System.Reflection;
using System.Runtime.Versioning;
using Owin.Host.Functions;
using Owin.Host.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>
/// An app that can answer requests, until it is closed.
/// <para>Threads: any. Close works once, the calls after it do nothing.</para>
/// </summary>
internal sealed class LoadedApp
{
    readonly StartupMethod startup;
    readonly JsFunctions? functions;
    readonly CancellationTokenSource disposing = new();
    int closed;

    /// <summary>Runs the app's startup code; its exceptions come through as they are.</summary>
    public LoadedApp(int id, AppLoadContext context, StartupMethod startup, AppOptions options)
    {
        Id = id;
        Context = context;
        this.startup = startup;
        Properties = StartupProperties.Create(options.Properties, startup.Type.FullName!, disposing.Token);
        Output = options.Output;
        Properties[OwinKeys.HostTraceOutput] = Output.TraceOutput;
        foreach (var (key, value) in options.Values)
            Properties.TryAdd(key, value);
        functions = options.Functions;
        var callbacks = new StartupCallbacks();
        var run = new StartupRun(
            context,
            () => StartupProperties.ForStartup(Properties, context, startup.Type.Assembly, callbacks, Output)
        );
        try
        {
            Handler = startup.CreateHandler(run, options.Progress);
            options.Progress.Doing = "a callback of server.OnInit";
            callbacks.Run();
        }
        catch
        {
            Abandon();
            throw;
        }
        if (run.UsedProperties != null)
            StartupProperties.TakeOver(Properties, run.UsedProperties);
    }

    public AppLoadContext Context { get; }

    /// <summary>The number JavaScript gave it.</summary>
    public int Id { get; }

    public AppFunc Handler { get; }

    /// <summary>Where goes what the app writes.</summary>
    public AppOutput Output { get; }

    /// <summary>The startup properties. Read by every request: only the app itself may write to what they hold.</summary>
    public IDictionary<string, object> Properties { get; }

    /// <summary>Calls the app for a request. The exchange ends as the Task does.</summary>
    public Task Handle(Exchange exchange)
    {
        var env = new OwinEnvironment(exchange);
        exchange.View = env;
        if (exchange.CanUpgrade)
            UpgradeKeys.Add(env, exchange);
        if (Tracing.MayListen)
            env.StartActivity();
        return Handler(env) ?? throw new OwinException(ErrorCodes.NullTask, "The app returned null instead of a Task.");
    }

    /// <summary>Pairs of name and value that say what was loaded.</summary>
    public IReadOnlyList<string> Describe()
    {
        var assembly = startup.Type.Assembly;
        var name = assembly.GetName();
        return
        [
            "assembly",
            name.Name!,
            "assemblyVersion",
            name.Version!.ToString(),
            "type",
            startup.Type.FullName!,
            "method",
            startup.Method.Name,
            "chosenBy",
            startup.ChosenBy,
            "targetFramework",
            assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName ?? "",
            "location",
            Context.Source,
        ];
    }

    // What the startup code has begun before it failed hears that the app ends.
    void Abandon()
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

    /// <summary>
    /// Tells the app that it ends, through host.OnAppDisposing, and lets it go. Throws AggregateException with
    /// what the app's callbacks threw; all of them have run, and the app is closed all the same.
    /// </summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        Output.Enter();
        try
        {
            disposing.Cancel();
        }
        finally
        {
            functions?.Close();
            Output.Close();
            Context.Release();
        }
    }
}
