using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Owin.Host.Hosting;

/// <summary>The value of <c>owin:AppStartup</c>, and what gave it.</summary>
internal sealed record StartupSetting(string Value, string GivenBy)
{
    const string Key = "owin:AppStartup";
    const string Word = "AppStartup";

    /// <summary>
    /// The option, else the files beside the app: appsettings.json, <c>Name.dll.config</c>, app.config. Null: none of
    /// them names one. A file is only taken apart when the word is in it.
    /// </summary>
    public static StartupSetting? Find(AppOptions options)
    {
        if (options.Startup != null)
            return new(options.Startup, "the option 'startup'");
        var folder = Path.GetDirectoryName(options.Source)!;
        return Read(Path.Combine(folder, "appsettings.json"), FromJson)
            ?? Read(options.Source + ".config", FromXml)
            ?? Read(Path.Combine(folder, "app.config"), FromXml);
    }

    static StartupSetting? Read(string path, Func<string, string?> find)
    {
        if (!File.Exists(path))
            return null;
        var text = File.ReadAllText(path);
        return text.Contains(Word, StringComparison.OrdinalIgnoreCase) ? Parse(path, text, find) : null;
    }

    // Only called where there is something to parse: when it is compiled, the libraries of JSON and XML are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static StartupSetting? Parse(string path, string text, Func<string, string?> find)
    {
        try
        {
            return find(text) is { Length: > 0 } value ? new(value, $"'{Key}' in {path}") : null;
        }
        catch (Exception error) when (error is JsonException or XmlException)
        {
            throw new OwinException(
                ErrorCodes.StartupNotFound,
                $"{path}, which may name the startup type under '{Key}', cannot be read: {error.Message}",
                error
            );
        }
    }

    // {"owin:AppStartup": "…"} or {"owin": {"AppStartup": "…"}}, without regard to case as .NET's configuration does.
    static string? FromJson(string text)
    {
        var reading = new JsonDocumentOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        };
        using var document = JsonDocument.Parse(text, reading);
        var flat = Property(document.RootElement, Key);
        var value = flat ?? Property(Property(document.RootElement, "owin") ?? default, Word);
        return value is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;
    }

    static JsonElement? Property(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in parent.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }
        return null;
    }

    static string? FromXml(string text) =>
        XDocument
            .Parse(text)
            .Root?.Element("appSettings")
            ?.Elements("add")
            .LastOrDefault(each => Key.Equals((string?)each.Attribute("key"), StringComparison.OrdinalIgnoreCase))
            ?.Attribute("value")
            ?.Value;
}
