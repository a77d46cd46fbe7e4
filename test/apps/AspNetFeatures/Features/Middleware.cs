using System.IO.Compression;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.ResponseCompression;

namespace AspNetFeatures.Features;

/// Middleware that comes with ASP.NET Core.
static class Middleware
{
    static int calls;

    public static void AddMiddleware(this WebApplicationBuilder builder)
    {
        builder.Services.AddDistributedMemoryCache().AddSession(options => options.Cookie.IsEssential = true);
        builder.Services.AddOutputCache();
        builder.Services.AddHealthChecks();
        builder.Services.AddOpenApi();
        builder.Services.AddResponseCompression();
        builder.Services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.All);
        builder.Services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.AddPolicy(
                "two",
                context => RateLimitPartition.GetFixedWindowLimiter(context.Request.Query["of"].ToString(), Two)
            );
        });
    }

    public static void UseMiddlewareOfThis(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseResponseCompression();
        app.UseStaticFiles("/static");
        app.UseWebSockets();
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseSession();
        app.UseOutputCache();
    }

    public static void MapMiddleware(this WebApplication app)
    {
        app.MapGet("/visits", CountVisits);
        app.MapGet("/cached", () => Interlocked.Increment(ref calls).ToString())
            .CacheOutput(policy => policy.Tag("calls"));
        app.MapPost(
            "/evict",
            (IOutputCacheStore store, CancellationToken gone) => store.EvictByTagAsync("calls", gone)
        );
        app.MapGet("/limited", () => "let through").RequireRateLimiting("two");
        app.MapGet("/compressible", () => new string('x', 5000));
        app.MapGet(
            "/client",
            (HttpContext context) =>
                $"{context.Request.Scheme} {context.Request.Host} {context.Connection.RemoteIpAddress}"
        );
        app.MapHealthChecks("/health");
        app.MapOpenApi();
    }

    static FixedWindowRateLimiterOptions Two(string _) => new() { PermitLimit = 2, Window = TimeSpan.FromHours(1) };

    static string CountVisits(HttpContext context)
    {
        var visits = (context.Session.GetInt32("visits") ?? 0) + 1;
        context.Session.SetInt32("visits", visits);
        return visits.ToString();
    }
}
