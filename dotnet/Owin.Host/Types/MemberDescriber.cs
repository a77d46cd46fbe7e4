using System.Reflection;
using System.Runtime.CompilerServices;
using Owin.Host.Functions;

namespace Owin.Host.Types;

/// <summary>The members of one type that JavaScript can use.</summary>
internal sealed class MemberDescriber(Type type, TypeReferences references, XmlDocs docs)
{
    readonly List<string> omitted = [];

    public IReadOnlyList<string> Omitted => omitted;

    public SignatureDescription[] Constructors() =>
        type.IsEnum || type.IsAbstract
            ? []
            :
            [
                .. type.GetConstructors()
                    .Where(each => Keep("constructor", Callable.WhyNot(each)))
                    .Select(each => references.Signature(each, docs.Of(each))),
            ];

    public MethodDescription[] Methods() =>
        type.IsEnum
            ? []
            :
            [
                .. Callable
                    .Methods(type)
                    .Where(each => each is not { Name: "Dispose", IsStatic: false } || each.GetParameters().Length > 0)
                    .GroupBy(each => (each.Name, each.IsStatic, Parameters: Key(each)))
                    .Select(MostDerived)
                    .Where(each => Keep(each.Name, Callable.WhyNot(each)))
                    .OrderBy(each => each.Name, StringComparer.Ordinal)
                    .Select(each => new MethodDescription(
                        JsNames.Member(each.Name),
                        each.IsStatic,
                        references.Signature(each, docs.Of(each))
                    )),
            ];

    public PropertyDescription[] Properties() =>
        type.IsEnum
            ? []
            :
            [
                .. type.GetProperties(Callable.Members)
                    .Where(each => each.GetIndexParameters().Length == 0 && each.Name != "EqualityContract")
                    .GroupBy(each => each.Name)
                    .Select(group => group.MaxBy(each => Depth(each.DeclaringType!))!)
                    .Where(each => Keep(each.Name, Callable.WhyNot(each.PropertyType)))
                    .Select(Describe),
                .. type.GetFields(Callable.Members)
                    .Where(each => !each.IsSpecialName && Keep(each.Name, Callable.WhyNot(each.FieldType)))
                    .Select(Describe),
            ];

    public EventDescription[] Events() =>
        type.IsEnum
            ? []
            :
            [
                .. type.GetEvents(Callable.Members)
                    .Where(each =>
                        each.EventHandlerType?.GetMethod("Invoke") is { } invoke
                        && Keep(each.Name, Callable.WhyNot(invoke))
                    )
                    .Select(each => new EventDescription(each.Name, references.Raised(each) ?? [], docs.Of(each))),
            ];

    bool Keep(string member, string? whyNot)
    {
        if (whyNot != null)
            omitted.Add($"{member}: {whyNot}");
        return whyNot == null;
    }

    PropertyDescription Describe(PropertyInfo property)
    {
        bool isInit =
            property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        bool hasSetter = property.SetMethod?.IsPublic == true;
        var parameter = ConstructorParameter(property);
        return new(
            JsNames.Member(property.Name),
            JsonName(property),
            (property.GetMethod ?? property.SetMethod)!.IsStatic,
            IsCallable(property),
            property.GetMethod?.IsPublic == true,
            hasSetter && !isInit,
            hasSetter || parameter != null,
            property.IsDefined(typeof(RequiredMemberAttribute)) || parameter is { IsOptional: false },
            references.Of(property),
            docs.Of(property)
        );
    }

    PropertyDescription Describe(FieldInfo field) =>
        new(
            JsNames.Member(field.Name),
            null,
            field.IsStatic,
            IsCallable(field),
            true,
            FieldAccessor.Writes(field),
            false,
            false,
            references.Of(field),
            docs.Of(field)
        );

    bool IsCallable(MemberInfo member) => AccessorLocator.Loaded(type).Contains(member);

    // By System.Text.Json's rules: the only constructor, or the one marked, whose parameters are named as properties.
    ParameterInfo? ConstructorParameter(PropertyInfo property)
    {
        var constructors = type.GetConstructors();
        var chosen =
            constructors.FirstOrDefault(each => Attribute(each, "JsonConstructorAttribute") != null)
            ?? (
                constructors.Any(each => each.GetParameters().Length == 0) || constructors.Length != 1
                    ? null
                    : constructors[0]
            );
        return chosen
            ?.GetParameters()
            .FirstOrDefault(each => string.Equals(each.Name, property.Name, StringComparison.OrdinalIgnoreCase));
    }

    static string? JsonName(PropertyInfo property)
    {
        if (Attribute(property, "JsonIgnoreAttribute") is { NamedArguments.Count: 0 })
            return null;
        var given = Attribute(property, "JsonPropertyNameAttribute")?.ConstructorArguments[0].Value as string;
        return given ?? JsNames.Member(property.Name);
    }

    // By name: an app may bring a System.Text.Json of its own.
    static CustomAttributeData? Attribute(MemberInfo member, string name) =>
        member
            .GetCustomAttributesData()
            .FirstOrDefault(each => each.AttributeType.FullName == $"System.Text.Json.Serialization.{name}");

    // A member that hides another one comes beside it.
    static MethodInfo MostDerived(IEnumerable<MethodInfo> group) => group.MaxBy(each => Depth(each.DeclaringType!))!;

    static string Key(MethodInfo method) =>
        $"{method.GetGenericArguments().Length}({string.Join(',', method.GetParameters().Select(each => each.ParameterType))})";

    static int Depth(Type type) => type.BaseType == null ? 0 : 1 + Depth(type.BaseType);
}
