using System.Reflection;
using Owin.Host.Hosting;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// The run of one app's entry point, on a thread of its own, and the way its host finds to us: what runs in the
/// thread's execution context is the app's (<see cref="Current" />).
/// <para>Starts happen one after the other, since an app that starts reads what belongs to the process: environment
/// variables, the entry assembly. The lock is held until the host has started, or will not.</para>
/// <para>Threads: the app's thread, those that its host starts on, and one that waits in <see cref="Run" />.</para>
/// </summary>
internal sealed class AppStart
{
    const int StackBytes = 8 * 1024 * 1024;

    static readonly SemaphoreSlim starting = new(1, 1);
    static readonly AsyncLocal<AppStart?> current = new();
    static volatile string startingSource = "";

    readonly int id;
    readonly MethodInfo entryPoint;
    readonly AppLoadContext context;
    readonly AppOptions options;
    readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    NodeServer? server;
    int stopping;

    /// <param name="id">the number of the app</param>
    /// <param name="entryPoint">what is run</param>
    /// <param name="context">the app's assemblies</param>
    /// <param name="options">what was asked for</param>
    public AppStart(int id, MethodInfo entryPoint, AppLoadContext context, AppOptions options)
    {
        this.id = id;
        this.entryPoint = entryPoint;
        this.context = context;
        this.options = options;
    }

    /// <summary>That of the app whose entry point has led here; null: none.</summary>
    public static AppStart? Current => current.Value;

    public string Source => options.Source;

    /// <summary>Where goes what the app writes.</summary>
    public AppOutput Output => options.Output;

    /// <summary>Requests to the JavaScript app that the handler is mounted in.</summary>
    public AppRequests? Requests => options.Requests;

    /// <summary>Keys and values in turn.</summary>
    public string[] Configuration => options.Configuration;

    /// <summary>The app's server has started: other hosts of the app are its own affair.</summary>
    public bool HasServer => Volatile.Read(ref server) != null;

    /// <summary>Nobody waits for the start any more.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>The exit code, when the entry point has returned; its exception, when it has thrown.</summary>
    public Task<int> Ended => ended.Task;

    /// <summary>The execution context of requests: the app's output and load context, and nothing of its start.</summary>
    public ExecutionContext? RequestContext { get; private set; }

    /// <summary>Runs the entry point until the host has started. Throws what the app throws, and where it does not start.</summary>
    public NodeServer Run()
    {
        options.Progress.Doing = $"the start of {startingSource}, which it has to wait for,";
        if (!starting.Wait(Timeout()))
            throw StartDeadline.Error(options);
        var contentRoot = ContentRoot.Find(options.Source, options.ContentRoot);
        var assembly = entryPoint.DeclaringType!.Assembly;
        try
        {
            startingSource = options.Source;
            using var variables = new StartVariables(assembly.GetName().Name!, contentRoot, options);
            StartedAssembly.Set(assembly, context.Folder);
            HostInterception.Install();
            options.Progress.Doing = "the start of its web server";
            new Thread(RunEntryPoint, StackBytes)
            {
                IsBackground = true,
                Name = $"owin {assembly.GetName().Name}",
            }.UnsafeStart();
            return WaitForStart();
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>The host has built its server, and starts it. Throws when the app has one already, or is not wanted.</summary>
    public void Claim(NodeServer server)
    {
        if (IsAbandoned)
            throw new OperationCanceledException("The start has been given up: it took longer than 'startTimeout'.");
        if (Interlocked.CompareExchange(ref this.server, server, null) != null)
            throw new InvalidOperationException(
                "This app has started a web server already; owin gives requests to one."
            );
    }

    /// <summary>The host has started, with all that belongs to it.</summary>
    public void Started() => started.TrySetResult();

    /// <summary>The app is to end. False: it ends already.</summary>
    public bool TryStop() => Interlocked.Exchange(ref stopping, 1) == 0;

    /// <summary>The app ends. Where that is news, Node hears that it should send no more requests.</summary>
    public void Stopping()
    {
        if (TryStop() && options.JsEnvironment is { } environment)
            FrameWriter.AppStopping(environment.Id, id);
    }

    /// <summary>Aborts the app's requests.</summary>
    public void AbortRequests() => options.JsEnvironment?.GiveUp(id);

    NodeServer WaitForStart()
    {
        if (Task.WaitAny([started.Task, ended.Task], Timeout()) < 0)
        {
            IsAbandoned = true;
            throw StartDeadline.Error(options);
        }
        if (started.Task.IsCompletedSuccessfully)
            return server!;
        int code = ended.Task.GetAwaiter().GetResult();
        throw new OwinException(
            ErrorCodes.StartupNotFound,
            $"The entry point of {options.Source} returned {code} before it had started a web server. An ASP.NET Core app "
                + "builds a host and runs it, `WebApplication.CreateBuilder(args).Build().Run()` for one."
        );
    }

    int Timeout() => options.StartTimeout == 0 ? System.Threading.Timeout.Infinite : options.StartTimeout;

    void RunEntryPoint()
    {
        options.Output.Enter();
        using var reflection = context.EnterContextualReflection();
        RequestContext = ExecutionContext.Capture();
        current.Value = this;
        try
        {
            ended.TrySetResult(EntryPoint.Run(entryPoint, options.Args));
        }
        catch (Exception error)
        {
            ended.TrySetException(error);
        }
        // Whoever looks at it later finds its exception; nobody has to.
        _ = ended.Task.Exception;
        if (started.Task.IsCompleted)
            Stopping();
    }
}
