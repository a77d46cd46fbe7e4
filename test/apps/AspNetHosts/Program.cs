// The ways an ASP.NET Core app comes to a host and a server. The configuration key `shape` chooses one.
using System.Net;
using AspNetHosts;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

var shape = new ConfigurationBuilder().AddCommandLine(args).Build()["shape"];
switch (shape)
{
    case "builder":
        Run(WebApplication.CreateBuilder(args).Build());
        break;
    case "slim":
        Run(WebApplication.CreateSlimBuilder(args).Build());
        break;
    case "empty":
        var empty = WebApplication.CreateEmptyBuilder(new() { Args = args });
        empty.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        empty.Services.AddRoutingCore();
        empty.Logging.AddSimpleConsole();
        Run(empty.Build());
        break;
    case "no-server":
        var bare = WebApplication.CreateEmptyBuilder(new() { Args = args });
        bare.Services.AddRoutingCore();
        Run(bare.Build());
        break;
    case "create":
        Run(WebApplication.Create(args));
        break;
    case "generic":
        Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => web.UseStartup<Startup>()).Build().Run();
        break;
    case "generic-asynchronous":
        await Host.CreateDefaultBuilder(args)
            .ConfigureWebHostDefaults(web => web.UseStartup<Startup>())
            .RunConsoleAsync();
        break;
    case "generic-web-host":
        new HostBuilder()
            .ConfigureWebHost(web => web.UseKestrel().UseUrls("http://127.0.0.1:0").UseStartup<Startup>())
            .ConfigureLogging(log => log.AddConsole())
            .Build()
            .Run();
        break;
    case "application-builder":
        var host = Host.CreateApplicationBuilder(args);
        host.Services.AddHostedService<Other>();
        host.Build().Run();
        break;
    case "legacy":
        WebHost.CreateDefaultBuilder(args).UseStartup<Startup>().Build().Run();
        break;
    case "legacy-bare":
        new WebHostBuilder().UseKestrel().UseUrls("http://127.0.0.1:0").UseStartup<Startup>().Build().Run();
        break;
    case "kestrel":
        var kestrel = WebApplication.CreateBuilder(args);
        kestrel.WebHost.UseKestrel(options => options.Listen(IPAddress.Loopback, 0));
        kestrel.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        Run(kestrel.Build());
        break;
    case "use-urls":
        var urls = WebApplication.CreateBuilder(args);
        urls.WebHost.UseUrls("http://127.0.0.1:0");
        Run(urls.Build());
        break;
    case "app-urls":
        var added = WebApplication.CreateBuilder(args).Build();
        added.Urls.Add("http://127.0.0.1:0");
        Run(added);
        break;
    case "run-url":
        Map(WebApplication.CreateBuilder(args).Build()).Run("http://127.0.0.1:0");
        break;
    case "start-and-wait":
        var started = Map(WebApplication.CreateBuilder(args).Build());
        await started.StartAsync();
        Console.WriteLine($"Started at {string.Join(' ', started.Urls)}");
        await started.WaitForShutdownAsync();
        break;
    case "https":
        var https = WebApplication.CreateBuilder(args);
        https.WebHost.ConfigureKestrel(options => options.ConfigureHttpsDefaults(_ => { }));
        var redirecting = https.Build();
        redirecting.UseHttpsRedirection();
        Run(redirecting);
        break;
    case "two":
        await Two(args => Map(WebApplication.CreateSlimBuilder(args).Build()));
        break;
    case "two-generic":
        await Two(args =>
            Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => web.UseStartup<Startup>()).Build()
        );
        break;
    case "two-legacy":
        await Two(args => new LegacyHost(WebHost.CreateDefaultBuilder(args).UseStartup<Startup>().Build()));
        break;
    case "two-own-server":
        await Two(args =>
        {
            var builder = WebApplication.CreateSlimBuilder(args);
            builder.Services.AddSingleton<IServer, OwnServer>();
            return builder.Build();
        });
        break;
    case "two-in-request":
        var asked = Map(WebApplication.CreateSlimBuilder(args).Build());
        asked.MapGet("/second", () => Second(args => WebApplication.CreateSlimBuilder(args).Build()));
        asked.Run();
        break;
    case "early":
        var reads = WebApplication.CreateSlimBuilder(args);
        var early = reads.Configuration["Early:Bird"];
        var built = Map(reads.Build());
        var variable = Environment.GetEnvironmentVariable("Early__Bird");
        built.MapGet("/early", () => $"{early}, then '{variable}'");
        built.Run();
        break;
    case "worker-beside":
        var worker = Host.CreateApplicationBuilder();
        worker.Services.AddHostedService<Other>();
        await Task.WhenAll(Map(WebApplication.CreateSlimBuilder(args).Build()).RunAsync(), worker.Build().RunAsync());
        break;
    case "own-server":
        var replaced = WebApplication.CreateSlimBuilder(args);
        replaced.Services.AddSingleton<IServer, OwnServer>();
        Run(replaced.Build());
        break;
    case "own-server-last":
        Host.CreateDefaultBuilder(args)
            .ConfigureWebHostDefaults(web => web.UseStartup<Startup>())
            .ConfigureContainer<IServiceCollection>((_, services) => services.AddSingleton<IServer, OwnServer>())
            .Build()
            .Run();
        break;
    case "no-startups":
        new WebHostBuilder()
            .UseSetting(WebHostDefaults.PreventHostingStartupKey, "true")
            .UseKestrel()
            .UseUrls("http://127.0.0.1:0")
            .UseStartup<Startup>()
            .Build()
            .Run();
        break;
    default:
        throw new ArgumentException($"No shape '{shape}'.");
}

// A second web host, which is started where the first one runs.
async Task Two(Func<string[], IHost> build)
{
    await using var first = Map(WebApplication.CreateSlimBuilder(args).Build());
    var second = new TaskCompletionSource<string>();
    first.MapGet("/second", () => second.Task);
    await first.StartAsync();
    second.SetResult(await Second(build));
    await first.WaitForShutdownAsync();
}

static async Task<string> Second(Func<string[], IHost> build)
{
    try
    {
        using var host = build(["--urls", "http://127.0.0.1:0"]);
        await host.StartAsync();
        return "started";
    }
    catch (Exception error)
    {
        return $"{error.GetType()}: {error.Message}";
    }
}

static void Run(WebApplication app) => Map(app).Run();

static WebApplication Map(WebApplication app)
{
    app.MapGet("/", (IServer server, HttpContext context) => Describe(server, context));
    app.MapGet("/bird", (IConfiguration configuration) => configuration["Early:Bird"]);
    var env = app.Environment;
    app.MapGet("/environment", () => $"{env.ApplicationName}\n{env.EnvironmentName}\n{env.ContentRootPath}");
    return app;
}

static Task Describe(IServer server, HttpContext context) => Startup.Describe(server, context);

namespace AspNetHosts
{
    sealed class Startup
    {
        public void ConfigureServices(IServiceCollection services) => services.AddRouting();

        public void Configure(IApplicationBuilder app, IServer server, IConfiguration configuration) =>
            app.UseRouting()
                .UseEndpoints(routes =>
                {
                    routes.MapGet("/", context => Describe(server, context));
                    routes.MapGet("/bird", context => context.Response.WriteAsync(configuration["Early:Bird"]!));
                });

        public static Task Describe(IServer server, HttpContext context)
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses;
            return context.Response.WriteAsync(
                $"{context.Request.PathBase}{context.Request.Path} {string.Join(' ', addresses)}"
            );
        }
    }

    /// <summary>The oldest kind of host, as one of today's.</summary>
    sealed class LegacyHost(IWebHost host) : IHost
    {
        public IServiceProvider Services => host.Services;

        public Task StartAsync(CancellationToken cancel) => host.StartAsync(cancel);

        public Task StopAsync(CancellationToken cancel) => host.StopAsync(cancel);

        public void Dispose() => host.Dispose();
    }

    /// <summary>A server of the app's own, which listens nowhere.</summary>
    sealed class OwnServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancel)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;

        public void Dispose() { }
    }

    sealed class Other : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stopping) => Task.Delay(Timeout.Infinite, stopping);
    }
}
