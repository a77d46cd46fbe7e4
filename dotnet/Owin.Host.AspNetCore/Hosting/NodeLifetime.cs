using Microsoft.Extensions.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>Takes the place of ConsoleLifetime: SIGINT and SIGTERM are Node's, and Node stops the app.</summary>
internal sealed class NodeLifetime(AppStart start, IHostApplicationLifetime host) : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        start.Begin(host);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
