using System.Reflection;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>One shape that a startup method may have.</summary>
/// <param name="MethodName">The name looked for when the caller gives none.</param>
/// <param name="Shape">The signature in words of C#, for messages.</param>
/// <param name="WhyNot">Why a method does not have this shape; null: it has.</param>
/// <param name="Compile">Makes the handler of a method and its instance (null when static).</param>
internal sealed record StartupSignature(
    string MethodName,
    string Shape,
    Func<MethodInfo, string?> WhyNot,
    Func<MethodInfo, object?, AppFunc> Compile
)
{
    /// <summary>All shapes, the preferred ones first.</summary>
    public static readonly StartupSignature[] All =
    [
        new("Invoke", "Task Invoke(IDictionary<string, object>)", WhyNotAppFunc, CompileAppFunc),
    ];

    static string? WhyNotAppFunc(MethodInfo method)
    {
        if (!typeof(Task).IsAssignableFrom(method.ReturnType))
            return $"it returns {TypeNames.Show(method.ReturnType)}, not Task";
        var parameters = method.GetParameters();
        return parameters.Length == 1 && parameters[0].ParameterType == typeof(IDictionary<string, object>)
            ? null
            : $"it takes ({TypeNames.ShowParameters(method)}), not (IDictionary<string, object>)";
    }

    static AppFunc CompileAppFunc(MethodInfo method, object? instance) => method.CreateDelegate<AppFunc>(instance);
}
