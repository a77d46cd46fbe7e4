using System.Reflection;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>An IAppBuilder, and how to make the app of what was used on it.</summary>
internal readonly record struct BuiltFor(object Instance, Func<AppFunc> Build);

/// <summary>
/// Makes the IAppBuilder that an app's own Owin.dll declares; owin is built without that assembly. With Microsoft.Owin
/// beside the app it is that library's builder, with all of its conversions; else the interface is implemented over
/// <see cref="AppBuilder" />.
/// </summary>
internal static class AppBuilders
{
    public const string InterfaceName = "Owin.IAppBuilder";
    const string Library = "Microsoft.Owin";
    const string LibraryBuilder = "Microsoft.Owin.Builder.AppBuilder";

    public static BuiltFor Create(Type builderInterface, StartupRun run)
    {
        var library = FindLibrary(builderInterface, run.Context);
        return library == null ? Implement(builderInterface, run) : Use(library, builderInterface, run);
    }

    // Null: it is not beside the app, or has no builder for this interface.
    static Type? FindLibrary(Type builderInterface, AppLoadContext context)
    {
        Assembly assembly;
        try
        {
            assembly = context.LoadFromAssemblyName(new AssemblyName(Library));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        var type = assembly.GetType(LibraryBuilder);
        return type != null && builderInterface.IsAssignableFrom(type) ? type : null;
    }

    static BuiltFor Use(Type library, Type builderInterface, StartupRun run)
    {
        var instance = library.GetConstructor([])!.Invoke(BindingFlags.DoNotWrapExceptions, null, null, null);
        var properties =
            (IDictionary<string, object>)
                builderInterface.GetProperty(nameof(AppBuilder.Properties))!.GetValue(instance)!;
        // What it sets itself stays, but for the end of its pipeline, a plain 404.
        foreach (var (name, value) in run.Properties)
            properties[name] = value;
        properties[AppBuilder.DefaultAppKey] = DefaultApp.Instance;
        run.Properties = properties;
        var build = builderInterface.GetMethod(nameof(AppBuilder.Build))!;
        return new(
            instance,
            () => (AppFunc)build.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, [typeof(AppFunc)], null)!
        );
    }

    static BuiltFor Implement(Type builderInterface, StartupRun run)
    {
        var builder = new AppBuilder(run.Properties);
        return new(AppBuilderProxy.Create(builderInterface, builder, run.Context), builder.Build);
    }
}
