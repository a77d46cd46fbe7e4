using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Owin.Host.AspNetCore.Hosting;

[assembly: HostingStartup(typeof(WebHostStartup))]

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Gives our server to a WebHost, the oldest kind of host, of which <see cref="HostInterception" /> does not hear; and to
/// <c>WebApplication.CreateBuilder</c> the option <c>configuration</c>, which can be read from it before it builds a host.
/// Only what is built while the app starts finds it.
/// <para>Threads: a host is built on one.</para>
/// </summary>
internal sealed class WebHostStartup : IHostingStartup
{
    const string WebHostBuilder = "Microsoft.AspNetCore.Hosting.WebHostBuilder";

    [ThreadStatic]
    static bool isFound;

    public void Configure(IWebHostBuilder builder)
    {
        if (AppStart.Current is not { } start)
            return;
        isFound = true;
        builder.ConfigureAppConfiguration((_, configuration) => HostInterception.Configure(configuration, start));
        if (builder.GetType().FullName == WebHostBuilder)
            builder.ConfigureServices(services => HostServices.Add(services, start));
    }

    /// <summary>
    /// Every web host makes a DiagnosticListener once the hosting startups have run. Throws for a WebHost that has not
    /// found ours: it would listen by itself.
    /// </summary>
    public static void Check(AppStart start)
    {
        bool hasServer = isFound;
        isFound = false;
        if (hasServer || !new StackTrace().GetFrames().Any(IsWebHostBuilder))
            return;
        throw start.HasServer
            ? start.SecondServer()
            : new InvalidOperationException(
                $"{start.Source} builds a WebHost without hosting startups (preventHostingStartup), and so without the "
                    + "server through which Node's requests come. Allow them, or build a WebApplication or a generic host."
            );
    }

    static bool IsWebHostBuilder(StackFrame frame) => frame.GetMethod()?.DeclaringType?.FullName == WebHostBuilder;
}
