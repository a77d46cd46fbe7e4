using System.Collections;
using System.Reflection;

namespace Owin.Host.Types;

/// <summary>
/// Turns the types that members mention into references, with their nullability, and keeps those types for which a
/// description is wanted. One for each assembly described; for one thread.
/// </summary>
internal sealed class TypeReferences
{
    // A delegate may take itself.
    const int DelegateDepth = 3;

    readonly NullabilityInfoContext nullability = new();
    readonly Action<Type> mention;
    int delegateDepth;

    /// <param name="mention">Called with each type that a reference names, as its definition.</param>
    public TypeReferences(Action<Type> mention) => this.mention = mention;

    public TypeReference Of(ParameterInfo parameter) =>
        parameter.ParameterType.IsGenericParameter
            ? new(
                $"!{parameter.ParameterType.Name}",
                IsAnnotated(parameter.GetCustomAttributesData(), parameter.Member)
            )
            : Of(parameter.ParameterType, nullability.Create(parameter));

    public TypeReference Of(PropertyInfo property) =>
        property.PropertyType.IsGenericParameter
            ? new($"!{property.PropertyType.Name}", IsAnnotated(property.GetCustomAttributesData(), property))
            : Of(property.PropertyType, nullability.Create(property));

    public TypeReference Of(FieldInfo field) =>
        field.FieldType.IsGenericParameter
            ? new($"!{field.FieldType.Name}", IsAnnotated(field.GetCustomAttributesData(), field))
            : Of(field.FieldType, nullability.Create(field));

    /// <summary>What an event is raised with; null: what cannot be said.</summary>
    public IReadOnlyList<ParameterDescription>? Raised(EventInfo @event) =>
        Of(@event.EventHandlerType!, nullability.Create(@event)).Delegate?.Parameters;

    // Of a T that may be anything the context says that it may be null, whether it is T or T?.
    static bool IsAnnotated(IEnumerable<CustomAttributeData> attributes, MemberInfo? member)
    {
        const string Name = "System.Runtime.CompilerServices.Nullable";
        if (attributes.FirstOrDefault(each => each.AttributeType.FullName == Name + "Attribute") is { } own)
            return IsNullable(own);
        for (; member != null; member = member.DeclaringType)
        {
            var context = member
                .GetCustomAttributesData()
                .FirstOrDefault(each => each.AttributeType.FullName == Name + "ContextAttribute");
            if (context != null)
                return IsNullable(context);
        }
        return false;

        static bool IsNullable(CustomAttributeData attribute) =>
            attribute.ConstructorArguments[0].Value switch
            {
                byte state => state == 2,
                IReadOnlyList<CustomAttributeTypedArgument> { Count: > 0 } states => states[0].Value is (byte)2,
                _ => false,
            };
    }

    TypeReference Of(Type type, NullabilityInfo? info)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value, info) with { Nullable = true };
        bool nullable =
            !type.IsValueType
            && (info?.ReadState == NullabilityState.Nullable || info?.WriteState == NullabilityState.Nullable);
        if (type.IsGenericParameter)
            return new($"!{type.Name}");
        if (type.IsArray)
        {
            var element = Of(type.GetElementType()!, info?.ElementType);
            return new(type.GetArrayRank() == 1 ? "[]" : "[,]", nullable, [element]);
        }
        var reference = new TypeReference(Id(type), nullable, Arguments(type, info));
        if (typeof(Delegate).IsAssignableFrom(type))
            return reference with { Delegate = Signature(type, reference.Arguments) };
        mention(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
        return reference with { Like = Like(type, reference.Arguments) };
    }

    public static string Id(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return (definition.FullName ?? definition.Name).Replace('+', '.');
    }

    TypeReference[]? Arguments(Type type, NullabilityInfo? info)
    {
        if (!type.IsGenericType)
            return null;
        var arguments = type.GetGenericArguments();
        // The context has none for some types, nested ones for example.
        bool known = info?.GenericTypeArguments.Length == arguments.Length;
        return [.. arguments.Select((each, i) => Of(each, known ? info!.GenericTypeArguments[i] : null))];
    }

    SignatureDescription? Signature(Type type, IReadOnlyList<TypeReference>? arguments)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (
            delegateDepth == DelegateDepth
            || type.GetMethod("Invoke") is not { } closed
            || definition.GetMethod("Invoke") is not { } invoke
            || Callable.WhyNot(closed) != null
        )
            return null;
        delegateDepth++;
        try
        {
            // What is known of the arguments' nullability is known where the type is mentioned.
            var signature = Signature(invoke, null);
            return arguments == null ? signature : Fill(signature, Parameters(definition, arguments));
        }
        finally
        {
            delegateDepth--;
        }
    }

    static Dictionary<string, TypeReference> Parameters(Type definition, IReadOnlyList<TypeReference> arguments) =>
        definition
            .GetGenericArguments()
            .Zip(arguments)
            .ToDictionary(each => $"!{each.First.Name}", each => each.Second);

    static SignatureDescription Fill(SignatureDescription signature, Dictionary<string, TypeReference> parameters) =>
        signature with
        {
            Parameters = [.. signature.Parameters.Select(each => each with { Type = Fill(each.Type, parameters) })],
            Returns = Fill(signature.Returns, parameters),
        };

    static TypeReference Fill(TypeReference reference, Dictionary<string, TypeReference> parameters)
    {
        if (parameters.TryGetValue(reference.Id, out var argument))
            return argument with { Nullable = argument.Nullable || reference.Nullable };
        return reference with
        {
            Arguments = reference.Arguments?.Select(each => Fill(each, parameters)).ToArray(),
            Like = reference.Like is { } like ? Fill(like, parameters) : null,
            Delegate = reference.Delegate is { } signature ? Fill(signature, parameters) : null,
        };
    }

    public SignatureDescription Signature(MethodBase method, string? docs) =>
        new(
            method is MethodInfo { IsGenericMethodDefinition: true }
                ? [.. method.GetGenericArguments().Select(each => each.Name)]
                : [],
            [.. method.GetParameters().Select(Parameter)],
            method is MethodInfo { ReturnParameter: var returned } ? Of(returned) : new(Id(typeof(void))),
            docs
        );

    public ParameterDescription Parameter(ParameterInfo parameter) =>
        new(
            JsNames.Parameter(parameter.Name),
            Of(parameter),
            parameter.IsOptional,
            parameter.GetCustomAttributesData().Any(each => each.AttributeType == typeof(ParamArrayAttribute))
        );

    // The first of these that it is says how it crosses.
    static readonly Type[] Kinds =
    [
        typeof(Stream),
        typeof(Exception),
        typeof(IAsyncEnumerable<>),
        typeof(IDictionary<,>),
        typeof(IReadOnlyDictionary<,>),
        typeof(ISet<>),
        typeof(IEnumerable<>),
        typeof(IEnumerable),
    ];

    TypeReference? Like(Type type, IReadOnlyList<TypeReference>? arguments)
    {
        if (type == typeof(string) || type.IsPrimitive || type.IsEnum)
            return null;
        foreach (var kind in Kinds)
            if (kind != type && Find(type, kind) is { } found)
                // List<T> is IEnumerable<T> of the same T.
                return found.GetGenericArguments().SequenceEqual(type.GetGenericArguments())
                    ? new(Id(found), false, arguments)
                    : new(Id(found), false, Arguments(found, null));
        return null;
    }

    static Type? Find(Type type, Type kind)
    {
        if (!kind.IsGenericTypeDefinition)
            return kind.IsAssignableFrom(type) ? kind : null;
        return type.GetInterfaces()
            .FirstOrDefault(each => each.IsGenericType && each.GetGenericTypeDefinition() == kind);
    }
}
