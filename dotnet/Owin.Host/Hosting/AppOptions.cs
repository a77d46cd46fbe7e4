using Owin.Host.Functions;
using Owin.Host.Http;

namespace Owin.Host.Hosting;

/// <summary>What the caller of <c>owin()</c> asked for.</summary>
internal sealed class AppOptions
{
    /// <summary>Absolute path of the app's assembly.</summary>
    public required string Source { get; init; }

    /// <summary>One of <see cref="AppKinds" />.</summary>
    public string Kind { get; init; } = AppKinds.Auto;

    /// <summary>Full name of the startup type; null: found by convention.</summary>
    public string? Type { get; init; }

    /// <summary>Name of the startup method; null: found by convention.</summary>
    public string? Method { get; init; }

    /// <summary>The value of <c>owin:AppStartup</c>; null: looked for in the files beside the app.</summary>
    public string? Startup { get; init; }

    /// <summary>The JavaScript environment that asked for it; null: none.</summary>
    public JsEnvironment? JsEnvironment { get; init; }

    /// <summary>Milliseconds in which the app must have started; 0: no limit.</summary>
    public int StartTimeout { get; init; }

    /// <summary>The name of the environment, "Production" for one.</summary>
    public string EnvironmentName { get; init; } = "Production";

    /// <summary>The arguments of the app's entry point.</summary>
    public string[] Args { get; init; } = [];

    /// <summary>Absolute path of the folder with the app's content; null: found.</summary>
    public string? ContentRoot { get; init; }

    /// <summary>Keys ("A:B") and values that come above the app's own configuration, in pairs.</summary>
    public string[] Configuration { get; init; } = [];

    /// <summary>Startup properties to add, "host.AppMode" for one.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Values of JavaScript's for the startup properties and each environment, by key.</summary>
    public IReadOnlyDictionary<string, object> Values { get; init; } = new Dictionary<string, object>();

    /// <summary>The functions in <see cref="Values" />; closed with the app.</summary>
    public JsFunctions? Functions { get; init; }

    /// <summary>Requests to the JavaScript app; closed with the app.</summary>
    public AppRequests? Requests { get; init; }

    /// <summary>How far the start has come.</summary>
    public StartProgress Progress { get; } = new();

    /// <summary>The app can be unloaded after it is closed; its ReadyToRun code is then not used.</summary>
    public bool Unloadable { get; init; }

    /// <summary>Its requests keep a processor busy.</summary>
    public bool CpuBound { get; init; }

    /// <summary>Where goes what the app writes.</summary>
    public AppOutput Output { get; init; } = new(0, 0, hasLog: false);
}
