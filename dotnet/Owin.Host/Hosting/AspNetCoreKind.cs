using System.Reflection;
using System.Runtime.Loader;

namespace Owin.Host.Hosting;

/// <summary>
/// The kind <c>aspnetcore</c>: tells whether an app is of it, and starts it through an assembly of its own, which is
/// loaded for the first such app.
/// </summary>
internal static class AspNetCoreKind
{
    /// <summary>The assembly of the package that knows ASP.NET Core.</summary>
    public const string AssemblyName = "Owin.Host.AspNetCore";

    const string FrameworkPrefix = "Microsoft.AspNetCore";
    const string BasicAssembly = "Microsoft.AspNetCore.Hosting.Abstractions";

    static readonly Lazy<Assembly> bridge = new(LoadBridge);

    public static Assembly Bridge => bridge.Value;

    /// <summary>A program that refers to ASP.NET Core, without anything that OWIN could begin with.</summary>
    public static bool Fits(Assembly assembly, AppOptions options) =>
        assembly.EntryPoint != null
        && options is { Type: null, Method: null, Startup: null }
        && (RefersToAspNetCore(assembly) || IsConfiguredFor(options.Source))
        && (!HasFramework() || !StartupLocator.MayFind(assembly, options));

    /// <summary>Starts an app. Throws what it throws.</summary>
    public static LoadedApp Load(int id, AppLoadContext context, Assembly assembly, AppOptions options)
    {
        if (!HasFramework())
            throw LoadErrors.Dependency(context, options.Source, new FileNotFoundException(null, BasicAssembly));
        var load = Bridge
            .GetType("Owin.Host.AspNetCore.Hosting.AspNetCoreApp")!
            .GetMethod("Load")!
            .CreateDelegate<Func<int, AppLoadContext, Assembly, AppOptions, string, LoadedApp>>();
        var chosenBy = options.Kind == AppKinds.Auto ? "its reference to ASP.NET Core" : "the option 'kind'";
        return load(id, context, assembly, options, chosenBy);
    }

    // Without it the app's types cannot be looked at.
    static bool HasFramework() => SharedFramework.Contains(BasicAssembly) || LateFramework.TryAdd(BasicAssembly);

    static bool RefersToAspNetCore(Assembly assembly) =>
        Array.Exists(
            assembly.GetReferencedAssemblies(),
            each => each.Name!.StartsWith(FrameworkPrefix, StringComparison.Ordinal)
        );

    // The program may leave all of it to a library.
    static bool IsConfiguredFor(string source)
    {
        var file = Path.ChangeExtension(source, ".runtimeconfig.json");
        return File.Exists(file) && File.ReadAllText(file).Contains("\"Microsoft.AspNetCore.App\"");
    }

    static Assembly LoadBridge()
    {
        var own = typeof(AspNetCoreKind).Assembly;
        var path = Path.Combine(Path.GetDirectoryName(own.Location)!, AssemblyName + ".dll");
        return AssemblyLoadContext.GetLoadContext(own)!.LoadFromAssemblyPath(path);
    }
}
