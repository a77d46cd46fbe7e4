using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Owin.Host.AspNetCore.Http;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// The server of an app: it listens nowhere, Node does. Requests come from <see cref="AspNetCoreApp" />.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class NodeServer : IServer
{
    // As Kestrel has it: how long requests that were aborted may take to end.
    static readonly TimeSpan AbortedTime = TimeSpan.FromSeconds(1);

    readonly AppStart start;
    readonly IServiceProvider services;
    readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ServerAddresses addresses = new();
    RequestRunner? requests;
    ILogger? logger;
    volatile bool knowsAddress;

    public NodeServer(AppStart start, IServiceProvider services)
    {
        this.start = start;
        this.services = services;
        Lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        Features.Set<IServerAddressesFeature>(addresses);
    }

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public IHostApplicationLifetime Lifetime { get; }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        start.Claim(this);
        addresses.Clear();
        logger = services.GetRequiredService<ILogger<NodeServer>>();
        requests = RequestRunner.Create(application, ServerDefaults.From(services, logger), logger);
        Lifetime.ApplicationStopping.UnsafeRegister(static start => ((AppStart)start!).Stopping(), start);
        Lifetime.ApplicationStarted.UnsafeRegister(static start => ((AppStart)start!).Started(), start);
        return Task.CompletedTask;
    }

    /// <summary>Runs a request through the app's pipeline.</summary>
    public Task Handle(Exchange exchange)
    {
        if (!knowsAddress)
            AddAddress(exchange);
        return requests!.Handle(exchange);
    }

    // Where Node listens, the first request says that comes over a network. What the app wants to listen on was taken out
    // at the start.
    void AddAddress(Exchange exchange)
    {
        var (address, port) = (exchange.Head.LocalAddress, exchange.Head.LocalPort);
        if (address == null || port == null)
            return;
        lock (addresses)
        {
            if (!knowsAddress && addresses.Count == 0)
            {
                var scheme = exchange.IsSecure ? "https" : "http";
                addresses.Add(
                    address.Contains(':') ? $"{scheme}://[{address}]:{port}" : $"{scheme}://{address}:{port}"
                );
            }
            knowsAddress = true;
        }
    }

    /// <summary>Node waits for the requests in flight, or has aborted them: there are none any more.</summary>
    public void Drained() => drained.TrySetResult();

    /// <summary>
    /// Waits for the requests in flight, and aborts them when the host allows them no more time. What is aborted has a
    /// moment to end: the services it uses go when this returns.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await drained.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            start.AbortRequests();
        }
        if (requests is not { } running || await running.Stop(AbortedTime))
            return;
        logger!.LogWarning("{Count} requests that were aborted have not ended.", running.Count);
    }

    public void Dispose() => Drained();
}
