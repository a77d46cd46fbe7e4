// An app that begins and ends in every way one can. The argument `--mode` chooses one.
using System.Diagnostics.Metrics;
using AspNetLife;

var given = new ConfigurationBuilder().AddCommandLine(args).Build();
var mode = given["mode"];

// A file, for what is to be known after the app's log has closed.
var notes = given["notes"];
Console.WriteLine($"Program runs in the mode '{mode}'");
switch (mode)
{
    case "throws":
        throw new InvalidDataException("Program fails", new FormatException("because of this"));
    case "returns":
        return 5;
    case "blocks":
        Thread.Sleep(Timeout.Infinite);
        break;
    case "exits":
        Environment.Exit(9);
        break;
}

var variable = Environment.GetEnvironmentVariable("Early");
var builder = WebApplication.CreateBuilder(args);
var early = builder.Configuration["Early"];
variable ??= Environment.GetEnvironmentVariable("Early");
if (mode == "service-throws")
    builder.Services.AddHostedService<FailingService>();
if (mode == "service-stays")
    builder.Services.AddHostedService<StayingService>();
if (mode == "background-throws")
    builder.Services.AddHostedService<FailingBackground>();
if (mode == "hurried")
    builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
if (mode == "service-stops")
    builder.Services.AddHostedService<StoppingService>();
if (mode == "service-exits")
    builder.Services.AddHostedService<ExitingService>();
if (mode is "started-late" or "started-never")
    builder.Services.AddHostedService<LateService>();
if (mode == "certificate-missing")
    builder.WebHost.ConfigureKestrel(options =>
    {
        options.Limits.MaxRequestBodySize = 12;
        options.ListenLocalhost(5001, endpoint => endpoint.UseHttps("missing.pfx"));
    });
builder.Services.AddSingleton<Turns>();
var app = builder.Build();
var meter = new Meter("AspNetLife");
var dishes = meter.CreateCounter<long>("dishes");
meter.CreateObservableGauge("tables", () => 12);

app.Lifetime.ApplicationStopping.Register(() => Console.WriteLine("ApplicationStopping"));
app.Lifetime.ApplicationStopped.Register(() => Console.WriteLine("ApplicationStopped"));

app.MapGet("/", (IWebHostEnvironment env) => $"{env.ApplicationName} {env.EnvironmentName} {env.ContentRootPath}");
app.MapGet(
    "/environment",
    (IWebHostEnvironment env) => $"{env.ApplicationName}\n{env.EnvironmentName}\n{env.ContentRootPath}"
);
app.MapGet("/hello", () => "Hello from AspNetLife");
app.MapGet("/arguments", () => string.Join(' ', args));
app.MapGet("/configuration/{key}", (string key, IConfiguration configuration) => configuration[key] ?? "(null)");
app.MapGet("/early", () => early);
app.MapGet("/variable", () => variable ?? Environment.GetEnvironmentVariable("Early") ?? "none");
app.MapGet("/entry", () => System.Reflection.Assembly.GetEntryAssembly()?.GetName().Name);
app.MapGet("/base-directory", () => AppContext.BaseDirectory);
app.MapPost("/length", async (Stream body) => (await new StreamReader(body).ReadToEndAsync()).Length);
app.MapGet("/context", () => System.Reflection.Assembly.Load("AspNetLife") == typeof(Turns).Assembly);
app.MapGet(
    "/stop",
    (IHostApplicationLifetime lifetime) =>
    {
        lifetime.StopApplication();
        return "stopping";
    }
);

// Lasts until the app is told to stop, as a stream of events does.
app.MapGet(
    "/until-stopping",
    async (HttpContext context, IHostApplicationLifetime lifetime) =>
    {
        await Begin(context);
        await Cancelled(lifetime.ApplicationStopping);
        await context.Response.WriteAsync("stopped");
    }
);

// Lasts until somebody asks for its end, whatever the app is told.
app.MapGet(
    "/until-turn",
    async (HttpContext context, Turns turns) =>
    {
        await Begin(context);
        await turns.Turn.Task;
        await context.Response.WriteAsync("ended");
    }
);

// Has something left to do when it is aborted.
app.MapGet(
    "/ends-late",
    async (HttpContext context, IHostApplicationLifetime lifetime) =>
    {
        await Begin(context);
        await Cancelled(context.RequestAborted);
        await Task.WhenAny(Cancelled(lifetime.ApplicationStopped), Task.Delay(200));
        bool stopped = lifetime.ApplicationStopped.IsCancellationRequested;
        Console.WriteLine($"The request ended {(stopped ? "after" : "before")} the app");
    }
);
app.MapGet(
    "/never",
    (HttpContext context, Turns turns) =>
    {
        turns.Asked.TrySetResult("asked");
        return Task.Delay(Timeout.Infinite, context.RequestAborted);
    }
);
app.MapGet("/asked", (Turns turns) => turns.Asked.Task);
app.MapGet(
    "/throw-after-start",
    async (HttpContext context) =>
    {
        await Begin(context);
        throw new InvalidOperationException("after the start");
    }
);
app.MapGet(
    "/write-after-abort",
    async (HttpContext context, Turns turns) =>
    {
        await Begin(context);
        await Cancelled(context.RequestAborted);
        for (int i = 0; i < 100; i++)
            await context.Response.WriteAsync(new string('x', 10_000));
        turns.Written.TrySetResult("written");
    }
);
app.MapGet("/written", (Turns turns) => turns.Written.Task);
app.MapGet(
    "/log",
    (ILogger<Turns> logger) =>
    {
        using var order = logger.BeginScope("order {Order}", 7);
        using var guest = logger.BeginScope(new Dictionary<string, object> { ["guest"] = "Ada" });
        logger.LogWarning(new EventId(3, "Soup"), new FormatException("too cold"), "The soup is {State}", "cold");
        logger.LogDebug("not shown");
        return "logged";
    }
);
app.MapGet(
    "/dish/{name}",
    (string name) =>
    {
        dishes.Add(1, KeyValuePair.Create<string, object?>("dish", name));
        return name;
    }
);
app.MapGet("/exit", () => Environment.Exit(7));
try
{
    app.Run();
}
finally
{
    if (notes != null)
        File.AppendAllText(notes, "Run has returned\n");
}
Console.WriteLine("Program ends");
if (mode == "throws-on-stop")
    throw new TimeoutException("the kitchen does not close");
return 3;

static async Task Begin(HttpContext context)
{
    await context.Response.WriteAsync("begun;");
    await context.Response.Body.FlushAsync();
}

static async Task Cancelled(CancellationToken token)
{
    var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var _ = token.Register(() => cancelled.TrySetResult());
    await cancelled.Task;
}

namespace AspNetLife
{
    sealed class Turns
    {
        public TaskCompletionSource Turn { get; } = new();
        public TaskCompletionSource<string> Written { get; } = new();
        public TaskCompletionSource<string> Asked { get; } = new();
    }

    sealed class StoppingService(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancel)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
    }

    sealed class ExitingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancel)
        {
            Environment.Exit(9);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
    }

    // The server has started when this one's last step begins. It ends when the host gives the start up, or, whatever
    // the host says, when somebody writes the file `--notes`.
    sealed class LateService(IConfiguration configuration) : IHostedLifecycleService
    {
        public async Task StartedAsync(CancellationToken cancel)
        {
            if (configuration["mode"] == "started-never")
                await Task.Delay(Timeout.Infinite, cancel);
            while (!File.Exists(configuration["notes"]))
                await Task.Delay(20, CancellationToken.None);
        }

        public Task StartingAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancel) => Task.CompletedTask;
    }

    sealed class FailingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancel) => throw new NotSupportedException("the service fails");

        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
    }

    sealed class StayingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancel) => Task.Delay(Timeout.Infinite, CancellationToken.None);
    }

    sealed class FailingBackground(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stopping)
        {
            var started = new TaskCompletionSource();
            using var _ = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
            await started.Task;
            throw new ApplicationException("the background fails");
        }
    }
}
