using System.Reflection;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>Where an app begins, and what named it.</summary>
internal sealed record StartupMethod(Type Type, MethodInfo Method, StartupSignature Signature, string ChosenBy)
{
    /// <summary>
    /// Creates the startup object where the method needs one, and makes the handler. Runs the app's code: its
    /// exceptions are the app's own and come through as they are.
    /// </summary>
    public AppFunc CreateHandler(StartupRun run, StartProgress progress)
    {
        progress.Doing = $"the constructor of {Type.FullName}";
        var instance = Method.IsStatic
            ? null
            : Type.GetConstructor([])!.Invoke(BindingFlags.DoNotWrapExceptions, null, null, null);
        progress.Doing = $"the method {Type.FullName}.{Method.Name}";
        return Signature.Compile(Method, instance, run);
    }

    /// <summary>Why the method cannot be called, whatever its signature; null: it can.</summary>
    public static string? WhyNotCallable(Type type, MethodInfo method)
    {
        if (!method.IsPublic)
            return "it is not public";
        if (method.IsGenericMethod)
            return "it is generic";
        if (type.ContainsGenericParameters)
            return "its type is generic";
        if (method.IsStatic)
            return null;
        if (type.IsAbstract)
            return "it is not static, and its type is abstract";
        return type.GetConstructor([]) == null
            ? "it is not static, and its type has no public constructor without parameters"
            : null;
    }
}
