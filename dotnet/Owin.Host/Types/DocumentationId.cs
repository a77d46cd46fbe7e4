using System.Reflection;

namespace Owin.Host.Types;

/// <summary>Names of members as the compiler's documentation file has them (C# specification, annex D.4.2).</summary>
internal static class DocumentationId
{
    public static string Of(MemberInfo member) =>
        member switch
        {
            Type type => $"T:{Name(type)}",
            MethodBase method => $"M:{Name(method.DeclaringType!)}.{MethodName(method)}",
            PropertyInfo property => $"P:{Name(property.DeclaringType!)}.{property.Name}",
            EventInfo @event => $"E:{Name(@event.DeclaringType!)}.{@event.Name}",
            _ => $"F:{Name(member.DeclaringType!)}.{member.Name}",
        };

    static string MethodName(MethodBase method)
    {
        var generic = method is MethodInfo { IsGenericMethod: true } ? $"``{method.GetGenericArguments().Length}" : "";
        // The file describes the definition, whatever its type's arguments are.
        var definition = method.DeclaringType!.IsGenericType ? Definition(method) : method;
        var parameters = definition.GetParameters().Select(each => ParameterName(each.ParameterType)).ToArray();
        var list = parameters.Length == 0 ? "" : $"({string.Join(',', parameters)})";
        return method.Name.Replace('.', '#') + generic + list;
    }

    static MethodBase Definition(MethodBase method) =>
        method
            .DeclaringType!.GetGenericTypeDefinition()
            .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
            .OfType<MethodBase>()
            .FirstOrDefault(each => each.MetadataToken == method.MetadataToken)
        ?? method;

    static string Name(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition.FullName!.Replace('+', '.');
    }

    static string ParameterName(Type type)
    {
        if (type.IsByRef)
            return ParameterName(type.GetElementType()!) + "@";
        if (type.IsPointer)
            return ParameterName(type.GetElementType()!) + "*";
        if (type.IsArray)
        {
            int rank = type.GetArrayRank();
            var bounds = rank == 1 ? "" : string.Join(',', Enumerable.Repeat("0:", rank));
            return $"{ParameterName(type.GetElementType()!)}[{bounds}]";
        }
        if (type.IsGenericParameter)
            return (type.DeclaringMethod == null ? "`" : "``") + type.GenericParameterPosition;
        if (!type.IsGenericType)
            return type.FullName!.Replace('+', '.');
        var arguments = string.Join(',', type.GetGenericArguments().Select(ParameterName));
        return $"{type.GetGenericTypeDefinition().FullName!.Replace('+', '.').Split('`')[0]}{{{arguments}}}";
    }
}
