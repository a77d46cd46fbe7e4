using System.Reflection;

namespace Owin.Host.Types;

/// <summary>Which members JavaScript can call, and which types cross by value.</summary>
internal static class Callable
{
    const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    /// <summary>Which members count, those of base classes included.</summary>
    public const BindingFlags Members = Public | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    /// <summary>Whether `owin.load()` has the static members of a type, and its constructors.</summary>
    public static bool IsLoaded(Type type) =>
        !type.IsEnum
        && !type.ContainsGenericParameters
        && !typeof(Delegate).IsAssignableFrom(type)
        && !typeof(Attribute).IsAssignableFrom(type);

    /// <summary>The methods of a type that `owin.load()` has, if JavaScript can call them.</summary>
    public static IEnumerable<MethodInfo> Methods(Type type) => type.GetMethods(Members).Where(IsOfInterest);

    /// <summary>The constructors behind `new`; of what crosses by value there is none.</summary>
    public static IEnumerable<ConstructorInfo> Constructors(Type type) =>
        type.IsAbstract || IsData(type) ? [] : type.GetConstructors().Where(each => WhyNot(each) == null);

    /// <summary>Why a method cannot be called from JavaScript; null: it can.</summary>
    public static string? WhyNot(MethodBase method)
    {
        if (method is MethodInfo { IsStatic: true, IsAbstract: true })
            return "is abstract";
        if (method is MethodInfo named && JsNames.WhyTaken(named) is { } taken)
            return taken;
        if (method.CallingConvention.HasFlag(CallingConventions.VarArgs))
            return "takes a variable list of C";
        foreach (var parameter in method.GetParameters())
            if (WhyNot(parameter.ParameterType) is { } reason)
                return $"'{parameter.Name}' is {reason}";
        return method is MethodInfo { ReturnType: var returned } && WhyNot(returned) is { } why
            ? $"returns {why}"
            : null;
    }

    /// <summary>Why a value of a type cannot cross; null: it can.</summary>
    public static string? WhyNot(Type type)
    {
        if (type.IsByRef)
            return "a reference (ref, out, in)";
        if (type.IsPointer || type.IsFunctionPointer)
            return "a pointer";
        if (type.IsByRefLike)
            return $"{type.Name.Split('`')[0]}, which lives on the stack";
        if (type == typeof(nint) || type == typeof(nuint))
            return "a native number, which cannot cross";
        return type.IsArray ? WhyNot(type.GetElementType()!) : null;
    }

    /// <summary>
    /// A class or struct that is nothing but its properties crosses as a plain object. One that does something, by
    /// methods, events or Dispose, crosses as an instance.
    /// </summary>
    public static bool IsData(Type type) =>
        !type.IsInterface
        && !(type.IsAbstract && type.IsSealed)
        && !typeof(IDisposable).IsAssignableFrom(type)
        && !typeof(IAsyncDisposable).IsAssignableFrom(type)
        && type.GetEvents(Public).Length == 0
        && type.GetProperties(Public).Any(each => each.GetIndexParameters().Length == 0)
        && !type.GetMethods(Public).Any(IsOfInterest);

    /// <summary>Neither an accessor nor one of those that every object or record has.</summary>
    static bool IsOfInterest(MethodInfo method) =>
        !method.IsSpecialName
        && !method.Name.Contains('<')
        && method.DeclaringType != typeof(object)
        && method.DeclaringType != typeof(ValueType)
        && method.DeclaringType != typeof(MarshalByRefObject)
        && (method.IsStatic || !IsOfEveryObject(method));

    static bool IsOfEveryObject(MethodInfo method) =>
        (method.Name, method.GetParameters().Length)
            is
                ("Equals" or "CompareTo", 1)
                or
                ("GetHashCode", 0)
                or
                ("ToString" or "Deconstruct", _);
}
