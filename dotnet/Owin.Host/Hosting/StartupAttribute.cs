using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>What an assembly attribute named OwinStartupAttribute says, whatever assembly that comes from.</summary>
internal sealed record StartupAttribute(string FriendlyName, Type StartupType, string? MethodName)
{
    const string Name = "OwinStartupAttribute";

    public override string ToString()
    {
        var method = MethodName == null ? "" : $".{MethodName}";
        var friendly = FriendlyName.Length == 0 ? "" : $" \"{FriendlyName}\"";
        return $"{StartupType.FullName}{method}{friendly}";
    }

    /// <summary>All of an assembly's.</summary>
    public static StartupAttribute[] Of(Assembly assembly) =>
        [
            .. assembly
                .GetCustomAttributesData()
                .Where(each => each.AttributeType.Name == Name)
                .Select(each => each.Constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, Arguments(each), null))
                .Select(Read)
                .OfType<StartupAttribute>(),
        ];

    /// <summary>The one of that friendly name, "" for the one without. Two are a conflict.</summary>
    public static StartupAttribute? Find(StartupAttribute[] all, string friendlyName, Assembly assembly)
    {
        var found = all.Where(each => each.FriendlyName.Equals(friendlyName, StringComparison.OrdinalIgnoreCase))
            .ToArray();
        return found.Length < 2 ? found.SingleOrDefault() : throw StartupErrors.AttributeConflict(found, assembly);
    }

    static object?[] Arguments(CustomAttributeData data) => [.. data.ConstructorArguments.Select(each => each.Value)];

    static StartupAttribute? Read(object attribute) =>
        Member<Type>(attribute, "StartupType") is { } type
            ? new(Member<string>(attribute, "FriendlyName") ?? "", type, Member<string>(attribute, "MethodName"))
            : null;

    static T? Member<T>(object attribute, string name)
        where T : class
    {
        var value = attribute.GetType().GetProperty(name)?.GetValue(attribute) as T;
        return value is string { Length: 0 } ? null : value;
    }
}
