using System.Reflection;
using Owin.Host.Hosting;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// An app that is a program with a web host. Its entry point runs from the start to the end; its requests come through
/// the host's <see cref="NodeServer" />.
/// </summary>
internal sealed class AspNetCoreApp : LoadedApp
{
    readonly MethodInfo entryPoint;
    readonly AppStart start;
    readonly NodeServer server;
    readonly string chosenBy;

    AspNetCoreApp(int id, AppLoadContext context, MethodInfo entryPoint, AppOptions options, string chosenBy)
        : base(id, context, entryPoint.DeclaringType!.Assembly.GetName().Name!, options)
    {
        this.entryPoint = entryPoint;
        this.chosenBy = chosenBy;
        start = new AppStart(id, entryPoint, context, options);
        try
        {
            server = start.Run();
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    /// <summary>Loads and starts an app; called by Owin.Host through reflection.</summary>
    public static LoadedApp Load(
        int id,
        AppLoadContext context,
        Assembly assembly,
        AppOptions options,
        string chosenBy
    ) => new AspNetCoreApp(id, context, EntryPoint.Of(assembly, options.Source), options, chosenBy);

    public override Task Handle(Exchange exchange)
    {
        ExecutionContext.Restore(start.RequestContext!);
        return server.Handle(exchange);
    }

    public override IReadOnlyList<string> Describe()
    {
        var type = entryPoint.DeclaringType!;
        return Describe(AppKinds.AspNetCore, type.Assembly, type.FullName!, entryPoint.Name, chosenBy);
    }

    /// <summary>ApplicationStopping: what lasts by itself, SignalR's connections for one, is to end.</summary>
    public override void BeginStop() => start.Stop();

    /// <summary>The exit code, or that the entry point has not returned in its time.</summary>
    public override IReadOnlyList<string> Outcome =>
        start.Ended.IsCompletedSuccessfully ? ["code", start.Ended.Result.ToString()] : ["isRunning", "true"];

    protected override void End(int milliseconds)
    {
        try
        {
            BeginStop();
            server.Drained();
            if (Task.WaitAny([start.Ended], milliseconds) == 0)
                start.Ended.GetAwaiter().GetResult();
        }
        finally
        {
            StartedAssembly.Forget(entryPoint.DeclaringType!.Assembly);
        }
    }
}
