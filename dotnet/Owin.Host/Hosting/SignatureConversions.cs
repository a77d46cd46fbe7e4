using System.Reflection;

namespace Owin.Host.Hosting;

/// <summary>The ways from one signature of an app to another, tried in the order they were added.</summary>
internal sealed class SignatureConversions
{
    readonly record struct Conversion(Type From, Type To, Delegate Call);

    readonly List<Conversion> all = [];

    /// <summary><c>builder.AddSignatureConversion</c>: a delegate of one parameter. A later one replaces its like.</summary>
    public void Add(Delegate conversion)
    {
        ArgumentNullException.ThrowIfNull(conversion);
        var method = conversion.GetType().GetMethod("Invoke")!;
        if (method.GetParameters() is not [var parameter] || method.ReturnType == typeof(void))
            throw new ArgumentException(
                $"A signature conversion takes and returns one app, not {TypeNames.Show(method)}."
            );
        all.RemoveAll(each => each.From == parameter.ParameterType && each.To == method.ReturnType);
        all.Add(new(parameter.ParameterType, method.ReturnType, conversion));
    }

    /// <summary>
    /// The app in the signature asked for: as it is, by a method Invoke of it, by one conversion, or by two.
    /// ArgumentException: none leads there. Null stays null.
    /// </summary>
    public object? Convert(Type signature, object? app)
    {
        if (app == null)
            return null;
        if (OneHop(signature, app) is { } converted)
            return converted;
        foreach (var conversion in all)
        {
            if (conversion.From.IsInstanceOfType(app) && OneHop(signature, Run(conversion, app)) is { } final)
                return final;
        }
        throw new ArgumentException(
            $"No conversion leads from {TypeNames.Show(app.GetType())} to {TypeNames.Show(signature)}: it is none, has "
                + "no public method Invoke of that signature, and neither one nor two of the conversions that were "
                + $"added with builder.AddSignatureConversion do ({Describe()})."
        );
    }

    object? OneHop(Type signature, object? app)
    {
        if (app == null || signature.IsInstanceOfType(app))
            return app;
        if (typeof(Delegate).IsAssignableFrom(signature) && MemberDelegate(signature, app) is { } member)
            return member;
        foreach (var conversion in all)
        {
            if (conversion.From.IsInstanceOfType(app) && signature.IsAssignableFrom(conversion.To))
                return Run(conversion, app);
        }
        return null;
    }

    static object? Run(Conversion conversion, object app) =>
        Middleware.Unwrapped(() => conversion.Call.DynamicInvoke(app));

    static Delegate? MemberDelegate(Type signature, object app)
    {
        var wanted = signature.GetMethod("Invoke")!;
        var parameters = wanted.GetParameters();
        foreach (var method in app.GetType().GetMethods())
        {
            if (method.Name != "Invoke" || !wanted.ReturnType.IsAssignableFrom(method.ReturnType))
                continue;
            var own = method.GetParameters();
            if (own.Length == parameters.Length && own.Zip(parameters).All(Accepts))
                return Delegate.CreateDelegate(signature, app, method);
        }
        return null;

        static bool Accepts((ParameterInfo Own, ParameterInfo Given) pair) =>
            pair.Own.ParameterType.IsAssignableFrom(pair.Given.ParameterType);
    }

    string Describe() =>
        all.Count == 0
            ? "there are none"
            : string.Join(", ", all.Select(each => $"{TypeNames.Show(each.From)} to {TypeNames.Show(each.To)}"));
}
