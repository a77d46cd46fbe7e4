using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>Fails the start of an app whose own server has been registered after <see cref="NodeServer" />.</summary>
internal sealed class ServerCheck : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            var server = app.ApplicationServices.GetRequiredService<IServer>();
            if (server is not NodeServer)
                throw new InvalidOperationException(
                    $"The server of this app is {server.GetType()}, which was registered after that of owin, "
                        + "through which Node's requests come. Register none in the app."
                );
            next(app);
        };
}
