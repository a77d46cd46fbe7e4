using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Owin.Host.Hosting;

/// <summary>One thing that was given to <c>Use</c>.</summary>
/// <param name="Next">The signature it wants the next app in.</param>
/// <param name="Create">Makes the app of the next one. Runs the app's code, whose exceptions come as they are.</param>
internal sealed record Middleware(Type Next, Func<object?, object?> Create)
{
    /// <summary>MissingMethodException: no constructor fits; NotSupportedException: nothing of it is middleware.</summary>
    public static Middleware Of(object middleware, object?[] args) =>
        middleware switch
        {
            Delegate call => OfDelegate(call, args),
            Type type => OfType(type, args),
            _ => OfInstance(middleware, "Initialize", args, returnsItself: true)
                ?? OfInstance(middleware, "Invoke", args, returnsItself: false)
                ?? throw new NotSupportedException(
                    $"The middleware {middleware.GetType().FullName} is no delegate and no type, and has no public "
                        + $"method Initialize or Invoke that takes the next app and {Describe(args)}."
                ),
        };

    static Middleware OfDelegate(Delegate call, object?[] args)
    {
        // A closed static method hides its first parameter.
        var signature = call.GetType().GetMethod("Invoke")!.GetParameters();
        if (signature.Length == 0)
            throw new NotSupportedException($"The middleware {call.GetType()} takes no next app.");
        return new(signature[0].ParameterType, next => Unwrapped(() => call.DynamicInvoke([next, .. args])));
    }

    static Middleware OfType(Type type, object?[] args)
    {
        foreach (var constructor in type.GetConstructors())
        {
            var parameters = constructor.GetParameters();
            if (Fit(parameters, args))
                return new(
                    parameters[0].ParameterType,
                    next => constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [next, .. args], null)
                );
        }
        throw new MissingMethodException(
            $"The middleware {type.FullName} has no public constructor that takes the next app and {Describe(args)}."
        );
    }

    static Middleware? OfInstance(object instance, string name, object?[] args, bool returnsItself)
    {
        foreach (var method in instance.GetType().GetMethods())
        {
            var parameters = method.GetParameters();
            if (method.Name != name || !Fit(parameters, args))
                continue;
            return new(
                parameters[0].ParameterType,
                next =>
                {
                    var made = method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, [next, .. args], null);
                    return returnsItself ? instance : made;
                }
            );
        }
        return null;
    }

    static bool Fit(ParameterInfo[] parameters, object?[] args)
    {
        if (parameters.Length != args.Length + 1)
            return false;
        for (int i = 0; i < args.Length; i++)
        {
            var type = parameters[i + 1].ParameterType;
            bool fits = args[i] == null ? !type.IsValueType : type.IsInstanceOfType(args[i]);
            if (!fits)
                return false;
        }
        return true;
    }

    static string Describe(object?[] args) =>
        args.Length == 0
            ? "nothing else"
            : $"({string.Join(", ", args.Select(each => each == null ? "null" : TypeNames.Show(each.GetType())))})";

    /// <summary>What the app's code throws, as it was thrown.</summary>
    public static object? Unwrapped(Func<object?> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException error) when (error.InnerException != null)
        {
            ExceptionDispatchInfo.Throw(error.InnerException);
            throw;
        }
    }
}
