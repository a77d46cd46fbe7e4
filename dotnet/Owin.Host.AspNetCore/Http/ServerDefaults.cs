using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Owin.Host.AspNetCore.Http;

/// <summary>What the features of a request hold until its app sets something else.</summary>
/// <param name="MaxRequestBodySize">bytes; null: no limit</param>
/// <param name="AllowSynchronousIO">whether bodies can be read and written synchronously</param>
internal sealed record ServerDefaults(long? MaxRequestBodySize = 30_000_000, bool AllowSynchronousIO = false)
{
    /// <summary>
    /// What the app has configured for Kestrel, where it has: it holds here as well. Of what fails, a certificate that
    /// is not there for one, <paramref name="logger" /> hears; it concerns what Node does here.
    /// </summary>
    public static ServerDefaults From(IServiceProvider services, ILogger logger)
    {
        var setups = services.GetServices<IConfigureOptions<KestrelServerOptions>>().ToArray();
        if (setups.Length == 0)
            return new();
        KestrelServerOptions kestrel;
        try
        {
            kestrel = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        }
        catch (Exception error)
        {
            logger.LogWarning(
                error,
                "The options of Kestrel failed. Of them the limit of request bodies and AllowSynchronousIO hold, as far "
                    + "as they were set before; where to listen, and with which certificates, Node says."
            );
            kestrel = Attempt(services, setups);
        }
        return new(kestrel.Limits.MaxRequestBodySize, kestrel.AllowSynchronousIO);
    }

    static KestrelServerOptions Attempt(IServiceProvider services, IConfigureOptions<KestrelServerOptions>[] setups)
    {
        var options = new KestrelServerOptions { ApplicationServices = services };
        foreach (var setup in setups)
        {
            try
            {
                setup.Configure(options);
            }
            catch (Exception)
            {
                // It has been told of. The next one may have nothing to do with it.
            }
        }
        return options;
    }
}
