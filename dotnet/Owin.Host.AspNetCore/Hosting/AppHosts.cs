using Microsoft.Extensions.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// The hosts of one app that run: most have one, some a worker's beside the web's. Under Kestrel a signal ends all of
/// them; here Node's word does.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class AppHosts
{
    readonly HashSet<IHostApplicationLifetime> running = [];
    bool isStopped;

    /// <summary>A host starts. Where the app ends already, so does it.</summary>
    public void Add(IHostApplicationLifetime host)
    {
        lock (running)
        {
            if (!running.Add(host))
                return;
        }
        host.ApplicationStopped.UnsafeRegister(_ => Remove(host), null);
        if (Volatile.Read(ref isStopped))
            host.StopApplication();
    }

    /// <summary>Ends them, and those that start from now on.</summary>
    public void Stop()
    {
        IHostApplicationLifetime[] hosts;
        lock (running)
        {
            isStopped = true;
            hosts = [.. running];
        }
        foreach (var host in hosts)
            host.StopApplication();
    }

    void Remove(IHostApplicationLifetime host)
    {
        lock (running)
            running.Remove(host);
    }
}
