using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Owin.Host.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>What a host has of ours instead of its own.</summary>
internal static class HostServices
{
    // What the console's logger writes would come to the same log a second time.
    static void LogTo(IServiceCollection services, AppOutput output)
    {
        foreach (var each in services.Where(each => each.ServiceType == typeof(ILoggerProvider)).ToArray())
        {
            if (!each.IsKeyedService && each.ImplementationType == typeof(ConsoleLoggerProvider))
                services.Remove(each);
        }
        services.AddSingleton<ILoggerProvider>(new AppLoggerProvider(output));
    }

    // A class that is none of the framework's servers, a test server for one: beside the app's own it may be.
    static bool HasOwnServer(IServiceCollection services) =>
        services.LastOrDefault(each => each.ServiceType == typeof(IServer)) is { IsKeyedService: false } last
        && last.ImplementationType?.Assembly.GetName().Name is { } assembly
        && !assembly.StartsWith("Microsoft.AspNetCore.Server.", StringComparison.Ordinal);

    /// <summary>Registers server and lifetime, last and so instead of all others.</summary>
    public static void Add(IServiceCollection services, AppStart start)
    {
        if (!start.HasServer || !HasOwnServer(services))
        {
            services.AddSingleton<IServer>(provider => new NodeServer(start, provider));
            services.AddSingleton<IStartupFilter, ServerCheck>();
        }
        services.AddSingleton<IHostLifetime>(provider => new NodeLifetime(
            start,
            provider.GetRequiredService<IHostApplicationLifetime>()
        ));
        if (start.Output.HasLog)
            LogTo(services, start.Output);
        // By its name: an app without clients need not load what they are.
        if (services.Any(each => each.ServiceType.FullName == "System.Net.Http.IHttpClientFactory"))
            NodeClient.Add(services, start);
    }
}
