using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Owin.Host.AspNetCore.Http;

/// <summary>What the features of a request hold until its app sets something else.</summary>
/// <param name="MaxRequestBodySize">bytes; null: no limit</param>
/// <param name="AllowSynchronousIO">whether bodies can be read and written synchronously</param>
internal sealed record ServerDefaults(long? MaxRequestBodySize = 30_000_000, bool AllowSynchronousIO = false)
{
    /// <summary>What the app has configured for Kestrel, where it has: it holds here as well.</summary>
    public static ServerDefaults From(IServiceProvider services)
    {
        if (!services.GetServices<IConfigureOptions<KestrelServerOptions>>().Any())
            return new();
        var kestrel = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        return new(kestrel.Limits.MaxRequestBodySize, kestrel.AllowSynchronousIO);
    }
}
