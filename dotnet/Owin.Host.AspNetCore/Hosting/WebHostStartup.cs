using Microsoft.AspNetCore.Hosting;
using Owin.Host.AspNetCore.Hosting;

[assembly: HostingStartup(typeof(WebHostStartup))]

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>Gives our server to a WebHost, the oldest kind of host, of which <see cref="HostInterception" /> does not hear.</summary>
internal sealed class WebHostStartup : IHostingStartup
{
    public void Configure(IWebHostBuilder builder)
    {
        if (AppStart.Current is not { HasServer: false } start || builder.GetType().Name != "WebHostBuilder")
            return;
        builder.ConfigureAppConfiguration((_, configuration) => HostInterception.Configure(configuration, start));
        builder.ConfigureServices(services => HostServices.Add(services, start));
    }
}
