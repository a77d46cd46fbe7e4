using System.Reflection;
using System.Runtime.CompilerServices;
using Owin.Host.Hosting;
using Owin.Host.Types;

namespace Owin.Host.Functions;

/// <summary>Finds public properties and fields, and what reads and writes them.</summary>
internal static class AccessorLocator
{
    const BindingFlags Members =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.FlattenHierarchy;

    /// <summary>The properties and fields of a type that JavaScript can read or write; not those with an index.</summary>
    public static IEnumerable<MemberInfo> Of(Type type) =>
        type.GetMembers(Members)
            .Where(each =>
                each is PropertyInfo property
                    ? property.GetIndexParameters().Length == 0
                    : each is FieldInfo { IsSpecialName: false }
            )
            .Where(each => Getter(each) != null || Setter(each) != null);

    /// <summary>Those that `owin.load()` has: one of a name, and none that has a method's.</summary>
    public static IEnumerable<MemberInfo> Loaded(Type type)
    {
        var methods = Callable
            .Methods(type)
            .Where(each => Callable.WhyNot(each) == null)
            .Select(each => (JsNames.Member(each.Name), each.IsStatic))
            .ToHashSet();
        return Of(type)
            .Where(CanBeCalled)
            .DistinctBy(each => (JsNames.Member(each.Name), IsStatic(each)))
            .Where(each => !methods.Contains((JsNames.Member(each.Name), IsStatic(each))));
    }

    static bool CanBeCalled(MemberInfo member) =>
        (Getter(member) ?? Setter(member)) is { } accessor
        && !(accessor.IsStatic && accessor.IsAbstract)
        && JsNames.WhyTaken(member.Name, accessor.IsStatic) == null
        && Callable.WhyNot(member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType) == null;

    public static bool IsStatic(MemberInfo member) => (Getter(member) ?? Setter(member))!.IsStatic;

    /// <summary>What reads it; null: nobody may.</summary>
    public static MethodInfo? Getter(MemberInfo member) =>
        member is FieldInfo field ? new FieldAccessor(field, writes: false) : ((PropertyInfo)member).GetGetMethod();

    /// <summary>What writes it; null: nobody may, or only while an object is made.</summary>
    public static MethodInfo? Setter(MemberInfo member) =>
        member is FieldInfo field ? (FieldAccessor.Writes(field) ? new FieldAccessor(field, writes: true) : null)
        : ((PropertyInfo)member).GetSetMethod() is { } setter && !IsInit(setter) ? setter
        : null;

    /// <summary>The getter or setter of that name. Throws where there is none.</summary>
    public static MethodInfo Find(Type type, string name, MethodKind kind)
    {
        var members = Of(type).ToArray();
        var found = Array.Find(members, each => each.Name == name);
        var accessor =
            found == null ? null
            : kind == MethodKind.Getter ? Getter(found)
            : Setter(found);
        if (accessor != null)
            return accessor;
        var names = members.Select(each => each.Name).ToArray();
        var what =
            found == null ? "no public property or field"
            : kind == MethodKind.Getter ? "no public getter of"
            : "no public setter of";
        var there = found != null || names.Length == 0 ? "" : $" It has: {NearNames.List(names)}.";
        throw new OwinException(
            ErrorCodes.FunctionNotFound,
            $"{TypeLocator.Name(type)} has {what} {name}.{there}{(found == null ? NearNames.Suggest(name, names) : "")}"
        );
    }

    static bool IsInit(MethodInfo setter) =>
        setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
}
