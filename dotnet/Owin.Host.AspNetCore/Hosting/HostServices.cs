using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>What a host has of ours instead of its own.</summary>
internal static class HostServices
{
    /// <summary>Registers server and lifetime, last and so instead of all others.</summary>
    public static void Add(IServiceCollection services, AppStart start)
    {
        services.AddSingleton<IServer>(provider => new NodeServer(start, provider));
        services.AddSingleton<IHostLifetime, NodeLifetime>();
        services.AddSingleton<IStartupFilter, ServerCheck>();
    }
}
