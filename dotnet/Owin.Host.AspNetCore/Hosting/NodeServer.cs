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
    readonly AppStart start;
    readonly IServiceProvider services;
    readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ServerAddressesFeature addresses = new();
    RequestRunner? requests;
    bool knowsAddress;

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
        addresses.Addresses.Clear();
        var logger = services.GetRequiredService<ILogger<NodeServer>>();
        requests = RequestRunner.Create(application, ServerDefaults.From(services), logger);
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

    // Where Node listens, its first request says. What the app wants to listen on was taken out at the start.
    void AddAddress(Exchange exchange)
    {
        lock (addresses)
        {
            knowsAddress = true;
            var (address, port) = (exchange.Head.LocalAddress, exchange.Head.LocalPort);
            if (addresses.Addresses.Count > 0 || address == null || port == null)
                return;
            var scheme = exchange.IsSecure ? "https" : "http";
            addresses.Addresses.Add(
                address.Contains(':') ? $"{scheme}://[{address}]:{port}" : $"{scheme}://{address}:{port}"
            );
        }
    }

    /// <summary>Node waits for the requests in flight, or has aborted them: there are none any more.</summary>
    public void Drained() => drained.TrySetResult();

    /// <summary>Waits for the requests in flight, and aborts them when the host allows them no more time.</summary>
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
    }

    public void Dispose() => Drained();
}
