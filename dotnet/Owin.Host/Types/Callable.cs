using System.Reflection;

namespace Owin.Host.Types;

/// <summary>Which members JavaScript can call, and which types cross by value.</summary>
internal static class Callable
{
    const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    /// <summary>Why a method cannot be called from JavaScript; null: it can.</summary>
    public static string? WhyNot(MethodBase method)
    {
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
        && !type.GetMethods(Public).Any(each => IsOfInterest(each));

    /// <summary>Neither an accessor nor one of those that every object or record has.</summary>
    public static bool IsOfInterest(MethodInfo method) =>
        !method.IsSpecialName
        && !method.Name.Contains('<')
        && method.DeclaringType != typeof(object)
        && method.DeclaringType != typeof(ValueType)
        && method.DeclaringType != typeof(MarshalByRefObject)
        && method.Name
            is not ("Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "CompareTo" or "ReferenceEquals");
}
