using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Tests;

/// <summary>Where the apps of test/apps lie, and how to load them.</summary>
static class TestApps
{
    static readonly string Folder = typeof(TestApps)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(each => each.Key == "TestApps")
        .Value!;

    /// <summary>A file of test/fuzz/corpus.</summary>
    public static string Corpus(string name) => Path.Combine(Folder, "..", "fuzz", "corpus", name);

    /// <summary>An app as `dotnet build` leaves it.</summary>
    public static string Built(string name) => Path.Combine(Folder, name, "bin", name + ".dll");

    /// <summary>An app as `dotnet publish` leaves it.</summary>
    public static string Published(string name) => Path.Combine(Folder, name, "publish", name + ".dll");

    public static OwinApp Load(string source, string? type = null, string? method = null) =>
        (OwinApp)
            AppLoader.Load(
                1,
                new AppOptions
                {
                    Source = source,
                    Type = type,
                    Method = method,
                }
            );

    /// <summary>What the app writes as its response body.</summary>
    public static async Task<string> Ask(this OwinApp app, string path = "/")
    {
        var body = new MemoryStream();
        await app.Handler(
            new Dictionary<string, object>
            {
                ["owin.RequestPath"] = path,
                ["owin.RequestQueryString"] = "",
                ["owin.ResponseBody"] = body,
                ["owin.ResponseHeaders"] = new Dictionary<string, string[]>(),
            }
        );
        return System.Text.Encoding.UTF8.GetString(body.ToArray());
    }
}
