using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Functions.Codecs;

/// <summary>What of a type crosses: which properties, under which names, through which constructor.</summary>
internal sealed class ObjectShape<T>
{
    readonly Dictionary<string, Member<T>> byName = new(StringComparer.Ordinal);
    readonly Member<T>[] members;

    public ObjectShape()
    {
        members = [.. JsonAttributes.Members(typeof(T)).Select(Member<T>.Create)];
        foreach (var member in members)
            byName[member.Name] = member;
        // Who writes objects for .NET may well write .NET's names.
        foreach (var member in members)
            byName.TryAdd(member.ClrName, member);
        Written = [.. members.Where(each => each.CanWrite)];
        ChooseConstructor();
        Required = [.. members.Where(each => each.Required && !SetsRequired)];
    }

    public Member<T>[] Written { get; }

    /// <summary>Those that must be given.</summary>
    public Member<T>[] Required { get; }

    public int RequiredCount => Required.Length;

    /// <summary>Null: an instance is made without arguments.</summary>
    public ConstructorInvoker? Constructor { get; private set; }

    /// <summary>Of the constructor: where its arguments come from, and what they are when they are not given.</summary>
    public (Member<T>? Member, object? Fallback)[] Parameters { get; private set; } = [];

    /// <summary>Why none can be made; null: it can.</summary>
    public string? Fault { get; private set; }

    bool SetsRequired { get; set; }

    /// <summary>The property whose name comes next; those in the order of the type are found at once. Null: there is none.</summary>
    public Member<T>? Find(ref ValueReader reader, ref int expected)
    {
        if (expected < members.Length && reader.Skip(members[expected].NameBytes))
            return members[expected++];
        if (!byName.TryGetValue(reader.Text(), out var member))
            return null;
        expected = Array.IndexOf(members, member) + 1;
        return member;
    }

    void ChooseConstructor()
    {
        var constructors = typeof(T).GetConstructors();
        var marked = typeof(T)
            .GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .FirstOrDefault(each => JsonAttributes.Find(each, "JsonConstructorAttribute") != null);
        if (typeof(T).IsAbstract)
        {
            Fault = $"is an object, and no instance of {TypeNames.Show(typeof(T))} can be made: it is abstract";
            return;
        }
        bool empty = typeof(T).IsValueType || constructors.Any(each => each.GetParameters().Length == 0);
        var chosen = marked;
        if (chosen == null && !(empty && (constructors.Length == 0 || members.Any(each => each.CanRead))))
            chosen = constructors.Length == 1 ? constructors[0] : null;
        if (chosen == null && !empty)
        {
            Fault = $"is an object, and {TypeNames.Show(typeof(T))} has no constructor that takes one";
            return;
        }
        SetsRequired =
            (chosen ?? typeof(T).GetConstructor([]))
                ?.GetCustomAttributesData()
                .Any(each => each.AttributeType.Name == "SetsRequiredMembersAttribute") == true;
        if (chosen == null || chosen.GetParameters().Length == 0)
            return;
        Constructor = ConstructorInvoker.Create(chosen);
        Parameters = [.. chosen.GetParameters().Select(each => (MemberOf(each), Fallback(each)))];
    }

    Member<T>? MemberOf(ParameterInfo parameter) =>
        Array.Find(
            members,
            each =>
                each.Type == parameter.ParameterType
                && string.Equals(each.ClrName, parameter.Name, StringComparison.OrdinalIgnoreCase)
        );

    static object? Fallback(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter.HasDefaultValue && parameter.DefaultValue != null)
            return type.IsEnum ? Enum.ToObject(type, parameter.DefaultValue) : parameter.DefaultValue;
        return type.IsValueType && Nullable.GetUnderlyingType(type) == null ? Activator.CreateInstance(type) : null;
    }
}
