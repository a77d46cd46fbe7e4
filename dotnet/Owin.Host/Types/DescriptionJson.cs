using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Owin.Host.Types;

/// <summary>
/// A description as JSON. A class and a method of its own: the runtime compiles what runs often anew, with what that calls
/// inlined, and would load System.Text.Json in processes that describe nothing.
/// </summary>
internal static class DescriptionJson
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        MaxDepth = 512,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Write(AssemblyDescription description) => JsonSerializer.Serialize(description, Options);
}
