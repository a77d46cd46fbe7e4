using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>Loads apps. Failures before the app's own code runs are owin's errors, later ones the app's.</summary>
internal static class AppLoader
{
    public static LoadedApp Load(int id, AppOptions options)
    {
        if (!File.Exists(options.Source))
            throw LoadErrors.NotFound(options.Source);

        var context =
            (options.Unloadable ? null : SpareContexts.Take(options.Source))
            ?? new AppLoadContext(options.Source, options.Unloadable);
        try
        {
            var assembly = LoadAssembly(context, options.Source);
            return Start(id, context, assembly, options);
        }
        catch
        {
            context.Release();
            throw;
        }
    }

    // A kind of apps is one more class over LoadedApp, and a line here.
    static LoadedApp Start(int id, AppLoadContext context, Assembly assembly, AppOptions options)
    {
        bool isAspNetCore =
            options.Kind == AppKinds.AspNetCore
            || options.Kind == AppKinds.Auto && AspNetCoreKind.Fits(assembly, options);
        if (isAspNetCore)
            return AspNetCoreKind.Load(id, context, assembly, options);
        if (options.Kind is not (AppKinds.Auto or AppKinds.Owin or AppKinds.Katana or AppKinds.MessageHandler))
            throw new OwinException(ErrorCodes.Protocol, $"There is no kind of app '{options.Kind}'.");
        var startup = FindStartup(context, assembly, options);
        try
        {
            return new OwinApp(id, context, startup, options);
        }
        catch (FileNotFoundException error) when (IsAssembly(error.FileName))
        {
            throw LoadErrors.Dependency(context, options.Source, error);
        }
    }

    // The startup code may open files as well: the runtime names assemblies with their version.
    static bool IsAssembly(string? name) => name?.Contains(", Version=", StringComparison.Ordinal) == true;

    static Assembly LoadAssembly(AppLoadContext context, string source)
    {
        try
        {
            return context.LoadApp();
        }
        catch (Exception error) when (error is BadImageFormatException or FileLoadException)
        {
            throw LoadErrors.Format(source, error);
        }
    }

    static StartupMethod FindStartup(AppLoadContext context, Assembly assembly, AppOptions options)
    {
        try
        {
            return StartupLocator.Find(context, assembly, options);
        }
        catch (Exception error)
            when (error is FileNotFoundException or FileLoadException or TypeLoadException or BadImageFormatException)
        {
            throw LoadErrors.Dependency(context, options.Source, error);
        }
    }
}
