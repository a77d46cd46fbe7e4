using Owin.Host.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Environment variables that an app's builder reads while the app starts, and that are as before afterwards. They reach
/// builders that are not given the entry point's arguments, and leave these to the app.
/// <para>Threads: under the start lock, since they are the process's.</para>
/// </summary>
internal sealed class StartVariables : IDisposable
{
    readonly Dictionary<string, string?> before = [];

    public StartVariables(string applicationName, string contentRoot, AppOptions options)
    {
        // Those with DOTNET_ win in some builders, those with ASPNETCORE_ in others.
        foreach (var prefix in (ReadOnlySpan<string>)["ASPNETCORE_", "DOTNET_"])
        {
            Set(prefix + "ENVIRONMENT", options.EnvironmentName);
            Set(prefix + "CONTENTROOT", contentRoot);
            Set(prefix + "APPLICATIONNAME", applicationName);
        }
        const string startups = "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES";
        var own = typeof(StartVariables).Assembly.GetName().Name!;
        Set(startups, Environment.GetEnvironmentVariable(startups) is { Length: > 0 } given ? $"{given};{own}" : own);
        foreach (var pair in options.Configuration.Chunk(2))
            Set(pair[0].Replace(":", "__"), pair[1]);
    }

    void Set(string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0)
            return;
        before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose()
    {
        foreach (var (name, value) in before)
            Environment.SetEnvironmentVariable(name, value);
    }
}
