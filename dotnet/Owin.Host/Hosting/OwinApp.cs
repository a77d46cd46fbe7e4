using Owin.Host.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>An app that is an OWIN pipeline, or is run as one: the kinds <c>owin</c>, <c>katana</c> and <c>messageHandler</c>.</summary>
internal sealed class OwinApp : LoadedApp
{
    readonly StartupMethod startup;

    /// <summary>Runs the app's startup code; its exceptions come through as they are.</summary>
    public OwinApp(int id, AppLoadContext context, StartupMethod startup, AppOptions options)
        : base(id, context, startup.Type.FullName!, options)
    {
        this.startup = startup;
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

    public AppFunc Handler { get; }

    public override Task Handle(Exchange exchange)
    {
        var env = new OwinEnvironment(exchange);
        exchange.View = env;
        if (exchange.CanUpgrade)
            UpgradeKeys.Add(env, exchange);
        if (Tracing.MayListen)
            env.StartActivity();
        return Handler(env) ?? throw new OwinException(ErrorCodes.NullTask, "The app returned null instead of a Task.");
    }

    public override IReadOnlyList<string> Describe() =>
        Describe(
            startup.Signature.Kind,
            startup.Type.Assembly,
            startup.Type.FullName!,
            startup.Method.Name,
            startup.ChosenBy
        );
}
