using System.Reflection;

namespace Owin.Host.Functions.Codecs;

/// <summary>
/// The attributes of System.Text.Json, by their names: an app that has them has loaded that library, others need not.
/// </summary>
internal static class JsonAttributes
{
    const string Namespace = "System.Text.Json.Serialization.";
    const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>When a value is left out, as <c>JsonIgnoreCondition</c> has it.</summary>
    public enum Ignore
    {
        Never,
        Always,
        WhenDefault,
        WhenNull,
    }

    /// <summary>An attribute of that name; null: it has none.</summary>
    public static CustomAttributeData? Find(MemberInfo member, string name) =>
        member.GetCustomAttributesData().FirstOrDefault(each => each.AttributeType.FullName == Namespace + name);

    /// <summary>Properties and fields that cross, the base class's first, each name once.</summary>
    public static IEnumerable<MemberInfo> Members(Type type)
    {
        var found = new Dictionary<string, MemberInfo>(StringComparer.Ordinal);
        foreach (var level in Levels(type))
        {
            foreach (var property in level.GetProperties(Instance | BindingFlags.DeclaredOnly))
            {
                if (
                    property.GetIndexParameters().Length == 0
                    && IsVisible(property, property.GetMethod, property.SetMethod)
                )
                    found[property.Name] = property;
            }
            foreach (var field in level.GetFields(Instance | BindingFlags.DeclaredOnly))
            {
                if (Find(field, "JsonIncludeAttribute") != null)
                    found[field.Name] = field;
            }
        }
        return found
            .Values.Where(each => IgnoreOf(each) != Ignore.Always)
            .OrderBy(each => Find(each, "JsonPropertyOrderAttribute")?.ConstructorArguments[0].Value as int? ?? 0);
    }

    public static Ignore IgnoreOf(MemberInfo member)
    {
        var found = Find(member, "JsonIgnoreAttribute");
        if (found == null)
            return Ignore.Never;
        foreach (var argument in found.NamedArguments)
        {
            if (argument.MemberName == "Condition" && argument.TypedValue.Value is int condition)
                return (Ignore)condition;
        }
        return Ignore.Always;
    }

    /// <summary>The name in JavaScript.</summary>
    public static string NameOf(MemberInfo member) =>
        Find(member, "JsonPropertyNameAttribute")?.ConstructorArguments[0].Value as string ?? CamelCase(member.Name);

    public static bool IsRequired(MemberInfo member) =>
        Find(member, "JsonRequiredAttribute") != null
        || member
            .GetCustomAttributesData()
            .Any(each => each.AttributeType.FullName == "System.Runtime.CompilerServices.RequiredMemberAttribute");

    /// <summary>The first word in small letters: <c>URLValue</c> is <c>urlValue</c>.</summary>
    public static string CamelCase(string name)
    {
        if (name.Length == 0 || !char.IsUpper(name[0]))
            return name;
        return string.Create(
            name.Length,
            name,
            static (chars, name) =>
            {
                name.CopyTo(chars);
                for (int i = 0; i < chars.Length && (i != 1 || char.IsUpper(chars[i])); i++)
                {
                    bool wordEnds = i > 0 && i + 1 < chars.Length && !char.IsUpper(chars[i + 1]);
                    if (wordEnds)
                    {
                        if (chars[i + 1] == ' ')
                            chars[i] = char.ToLowerInvariant(chars[i]);
                        break;
                    }
                    chars[i] = char.ToLowerInvariant(chars[i]);
                }
            }
        );
    }

    static bool IsVisible(PropertyInfo property, MethodInfo? getter, MethodInfo? setter) =>
        getter?.IsPublic == true || setter?.IsPublic == true || Find(property, "JsonIncludeAttribute") != null;

    static IEnumerable<Type> Levels(Type type)
    {
        if (type.IsInterface)
            return [.. type.GetInterfaces(), type];
        var levels = new List<Type>();
        for (var level = type; level != null && level != typeof(object); level = level.BaseType)
            levels.Insert(0, level);
        return levels;
    }
}
