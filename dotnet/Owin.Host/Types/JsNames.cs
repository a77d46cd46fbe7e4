using System.Reflection;
using System.Text.Json;

namespace Owin.Host.Types;

/// <summary>Names of .NET's as JavaScript has them.</summary>
internal static class JsNames
{
    /// <summary>Of a method or property of .NET's.</summary>
    public static string Member(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>Why a method cannot have its name in JavaScript; null: it can.</summary>
    public static string? WhyTaken(MethodInfo method) => WhyTaken(method.Name, method.IsStatic);

    /// <summary>The same of any member.</summary>
    public static string? WhyTaken(string name, bool isStatic) =>
        Member(name) switch
        {
            "then" or "toString" or "valueOf" or "constructor" => "has a name that JavaScript itself calls",
            // Without parameters it is what the object's own calls.
            "dispose" or "events" when !isStatic => "has the name of one of the object's own",
            _ => null,
        };

    /// <summary>Of a parameter, which may have none.</summary>
    public static string Parameter(string? name) => string.IsNullOrEmpty(name) ? "value" : name;
}
