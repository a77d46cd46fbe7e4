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
            var startup = FindStartup(context, assembly, options);
            return new LoadedApp(id, context, startup, options);
        }
        catch
        {
            context.Release();
            throw;
        }
    }

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
            return StartupLocator.Find(assembly, options);
        }
        catch (Exception error)
            when (error is FileNotFoundException or FileLoadException or TypeLoadException or BadImageFormatException)
        {
            throw LoadErrors.Dependency(context, options.Source, error);
        }
    }
}
