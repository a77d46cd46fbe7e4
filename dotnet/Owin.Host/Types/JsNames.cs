using System.Text.Json;

namespace Owin.Host.Types;

/// <summary>Names of .NET's as JavaScript has them.</summary>
internal static class JsNames
{
    /// <summary>Of a method or property of .NET's.</summary>
    public static string Member(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>Of a parameter, which may have none.</summary>
    public static string Parameter(string? name) => string.IsNullOrEmpty(name) ? "value" : name;
}
