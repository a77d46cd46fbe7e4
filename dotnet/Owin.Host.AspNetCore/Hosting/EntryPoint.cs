using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>Calls an app's entry point: void, int, Task or Task&lt;int&gt;, with arguments or without.</summary>
internal static class EntryPoint
{
    /// <summary>Throws for an assembly that has none.</summary>
    public static MethodInfo Of(Assembly assembly, string source) =>
        assembly.EntryPoint
        ?? throw new OwinException(
            ErrorCodes.StartupNotFound,
            $"{source} has no entry point. An ASP.NET Core app is a program: its project has OutputType Exe, as those of "
                + "the Sdk Microsoft.NET.Sdk.Web have."
        );

    /// <summary>Runs it to its end, and gives its exit code. The app's exceptions come through as they are.</summary>
    public static int Run(MethodInfo entryPoint, string[] args)
    {
        object?[] arguments = entryPoint.GetParameters().Length == 0 ? [] : [args];
        var result = entryPoint.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        if (result is not Task task)
            return result as int? ?? 0;
        task.GetAwaiter().GetResult();
        return (task as Task<int>)?.Result ?? 0;
    }
}
