using Owin.Host.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Environment variables that an app's builder reads while the app starts, and that are as before afterwards. They reach
/// builders that are not given the entry point's arguments, and leave these to the app.
/// <para>The option <c>configuration</c>, which may hold secrets, comes by <see cref="HostInterception" /> and
/// <see cref="WebHostStartup" />. Only what neither of them hears of in time has it as variables, until the app's first
/// host is built: <c>CreateSlimBuilder</c>, whose configuration can be read before.</para>
/// <para>Threads: under the start lock, since they are the process's.</para>
/// </summary>
internal sealed class StartVariables : IDisposable
{
    readonly Dictionary<string, string?> before = [];
    readonly Dictionary<string, string?> beforeValues = [];

    public StartVariables(string applicationName, string contentRoot, AppOptions options)
    {
        // Those with DOTNET_ win in some builders, those with ASPNETCORE_ in others.
        foreach (var prefix in (ReadOnlySpan<string>)["ASPNETCORE_", "DOTNET_"])
        {
            Set(before, prefix + "ENVIRONMENT", options.EnvironmentName);
            Set(before, prefix + "CONTENTROOT", contentRoot);
            Set(before, prefix + "APPLICATIONNAME", applicationName);
        }
        const string startups = "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES";
        var own = typeof(StartVariables).Assembly.GetName().Name!;
        var given = Environment.GetEnvironmentVariable(startups);
        Set(before, startups, string.IsNullOrEmpty(given) ? own : $"{given};{own}");
        if (options.Configuration.Length == 0 || !NeedsValues(options.Source))
            return;
        foreach (var pair in options.Configuration.Chunk(2))
            Set(beforeValues, pair[0].Replace(":", "__"), pair[1]);
    }

    /// <summary>A host is built, and has been given the values.</summary>
    public void ForgetValues() => Restore(beforeValues);

    public void Dispose()
    {
        ForgetValues();
        Restore(before);
    }

    // A name that an assembly refers to stands in it as it is. A library that calls it for the app does without.
    static bool NeedsValues(string source) => File.ReadAllBytes(source).AsSpan().IndexOf("CreateSlimBuilder\0"u8) >= 0;

    static void Set(Dictionary<string, string?> before, string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0)
            return;
        before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    static void Restore(Dictionary<string, string?> before)
    {
        lock (before)
        {
            foreach (var (name, value) in before)
                Environment.SetEnvironmentVariable(name, value);
            before.Clear();
        }
    }
}
