using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Hears of every host that is built in the process, and gives those of an app our server. A host tells of itself when
/// all that the app has registered is there, so what is added then is last and wins.
/// <para>Threads: those that build hosts; whose a host is, the execution context tells.</para>
/// </summary>
internal sealed class HostInterception : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    static int installed;

    HostInterception() { }

    public static void Install()
    {
        if (Interlocked.Exchange(ref installed, 1) == 0)
            DiagnosticListener.AllListeners.Subscribe(new HostInterception());
    }

    public void OnNext(DiagnosticListener listener)
    {
        if (listener.Name == "Microsoft.Extensions.Hosting")
            listener.Subscribe(this, static (name, _, _) => name == "HostBuilding" && AppStart.Current != null);
        else if (listener.Name == "Microsoft.AspNetCore" && AppStart.Current is { } start)
            WebHostStartup.Check(start);
    }

    public void OnNext(KeyValuePair<string, object?> message)
    {
        if (message.Key != "HostBuilding" || AppStart.Current is not { } start)
            return;
        if (message.Value is not IHostBuilder builder)
            throw new InvalidOperationException(
                $"{start.Source} brings a Microsoft.Extensions.Hosting of its own, newer than that of the framework "
                    + $"that runs ({typeof(IHostBuilder).Assembly.GetName().Version}). Use the framework's, or run a newer .NET."
            );
        start.Build();
        builder.ConfigureAppConfiguration((_, configuration) => Configure(configuration, start));
        builder.ConfigureServices((_, services) => HostServices.Add(services, start));
    }

    /// <summary>Adds the values of the option <c>configuration</c> on top.</summary>
    public static void Configure(IConfigurationBuilder configuration, AppStart start)
    {
        if (start.Configuration.Length > 0)
            configuration.AddInMemoryCollection(
                start.Configuration.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))
            );
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }
}
