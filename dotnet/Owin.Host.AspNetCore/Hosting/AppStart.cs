using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Hosting;
using Owin.Host.Hosting;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// The run of one app's entry point, on a thread of its own, and the way its hosts find to us: what runs in the
/// thread's execution context is the app's (<see cref="Current" />), and so are its requests.
/// <para>Starts happen one after the other, since an app that starts reads what belongs to the process: environment
/// variables, the entry assembly. The lock is held until the host has started, or will not.</para>
/// <para>Threads: the app's thread, those that its host starts on, and one that waits in <see cref="Run" />.</para>
/// </summary>
internal sealed class AppStart
{
    const int StackBytes = 8 * 1024 * 1024;

    static readonly SemaphoreSlim starting = new(1, 1);
    static readonly AsyncLocal<Scope?> current = new();
    static volatile string startingSource = "";

    readonly int id;
    readonly MethodInfo entryPoint;
    readonly AppLoadContext context;
    readonly AppOptions options;
    readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly AppHosts hosts = new();
    readonly Stopwatch taken = new();
    StartVariables? variables;
    NodeServer? server;
    volatile bool isAbandoned;
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

    /// <summary>That of the app whose code has led here; null: none. Throws for an app that has ended.</summary>
    public static AppStart? Current =>
        current.Value is not { } scope
            ? null
            : scope.Start
                ?? throw new InvalidOperationException(
                    "The entry point of this app has returned: it builds no more hosts, which would listen by themselves."
                );

    public string Source => options.Source;

    /// <summary>Where goes what the app writes.</summary>
    public AppOutput Output => options.Output;

    /// <summary>Requests to the JavaScript app that the handler is mounted in.</summary>
    public AppRequests? Requests => options.Requests;

    /// <summary>Keys and values in turn.</summary>
    public string[] Configuration => options.Configuration;

    /// <summary>The app's server has started: there is no second one.</summary>
    public bool HasServer => Volatile.Read(ref server) != null;

    /// <summary>The exit code, when the entry point has returned; its exception, when it has thrown.</summary>
    public Task<int> Ended => ended.Task;

    /// <summary>The execution context of requests: the app's output and load context, and nothing of its start.</summary>
    public ExecutionContext? RequestContext { get; private set; }

    /// <summary>Runs the entry point until the host has started. Throws what the app throws, and where it does not start.</summary>
    public NodeServer Run()
    {
        taken.Start();
        options.Progress.Doing = $"the start of {startingSource}, which it has to wait for,";
        if (!starting.Wait(Remaining()))
            throw StartDeadline.Error(options);
        var contentRoot = ContentRoot.Find(options.Source, options.ContentRoot);
        var assembly = entryPoint.DeclaringType!.Assembly;
        try
        {
            startingSource = options.Source;
            variables = new StartVariables(assembly.GetName().Name!, contentRoot, options);
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
        catch
        {
            Abandon();
            StartedAssembly.Forget(assembly);
            throw;
        }
        finally
        {
            variables?.Dispose();
            starting.Release();
        }
    }

    /// <summary>A host of the app is built: its configuration has what the app was given.</summary>
    public void Build() => variables?.ForgetValues();

    /// <summary>A host of the app starts; it ends with the app.</summary>
    public void Begin(IHostApplicationLifetime host) => hosts.Add(host);

    /// <summary>A host starts its server. Throws when the app has one already, or is not wanted.</summary>
    public void Claim(NodeServer server)
    {
        if (Interlocked.CompareExchange(ref this.server, server, null) != null)
            throw SecondServer();
        if (isAbandoned)
            throw new OperationCanceledException(
                "The start of this app has failed or taken too long: its web server is not wanted any more."
            );
        Begin(server.Lifetime);
    }

    /// <summary>Says that an app has one web server, and what to do with another.</summary>
    public InvalidOperationException SecondServer() =>
        new(
            $"{Source} has started a web server already, and owin gives its requests to one: a second would have to "
                + "listen on a port of its own. Serve from the first what the second is for, by paths or RequireHost; "
                + "or make it an app of its own, with a handler of its own."
        );

    /// <summary>The host has started, with all that belongs to it.</summary>
    public void Started() => started.TrySetResult();

    /// <summary>The app is to end: its hosts are told. May be called again.</summary>
    public void Stop()
    {
        TryStop();
        hosts.Stop();
    }

    /// <summary>The app ends. Where that is news, Node hears that it should send no more requests.</summary>
    public void Stopping()
    {
        if (TryStop() && options.JsEnvironment is { } environment)
            FrameWriter.AppStopping(environment.Id, id);
    }

    /// <summary>Aborts the app's requests.</summary>
    public void AbortRequests() => options.JsEnvironment?.GiveUp(id);

    // The first of two to say so.
    bool TryStop() => Interlocked.Exchange(ref stopping, 1) == 0;

    // What is left of an app that has not started may be anywhere: before its server, which is refused then, or behind it.
    void Abandon()
    {
        isAbandoned = true;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref server)?.Drained();
        Stop();
    }

    NodeServer WaitForStart()
    {
        if (Task.WaitAny([started.Task, ended.Task], Remaining()) < 0)
            throw StartDeadline.Error(options);
        if (started.Task.IsCompletedSuccessfully)
            return server!;
        int code = ended.Task.GetAwaiter().GetResult();
        throw new OwinException(
            ErrorCodes.StartupNotFound,
            $"The entry point of {options.Source} returned {code} before it had started a web server. An ASP.NET Core app "
                + "builds a host and runs it, `WebApplication.CreateBuilder(args).Build().Run()` for one."
        );
    }

    // Of one time for all of it.
    int Remaining() =>
        options.StartTimeout == 0
            ? Timeout.Infinite
            : (int)Math.Max(0, options.StartTimeout - taken.ElapsedMilliseconds);

    void RunEntryPoint()
    {
        var scope = new Scope { Start = this };
        options.Output.Enter();
        using var reflection = context.EnterContextualReflection();
        current.Value = scope;
        RequestContext = ExecutionContext.Capture();
        try
        {
            ended.TrySetResult(EntryPoint.Run(entryPoint, options.Args));
        }
        catch (Exception error)
        {
            ended.TrySetException(error);
        }
        scope.Start = null;
        // Whoever looks at it later finds its exception; nobody has to.
        _ = ended.Task.Exception;
        if (started.Task.IsCompleted)
            Stopping();
    }

    /// <summary>
    /// What an execution context holds. A timer keeps that for as long as it runs: the app must not be kept with it.
    /// </summary>
    sealed class Scope
    {
        public volatile AppStart? Start;
    }
}
