using System.Reflection;
using Owin.Host.MessageHandlers;

namespace Owin.Host.Hosting;

/// <summary>Where apps of a kind begin, when nobody has named it.</summary>
/// <param name="Types">Names of the startup type, the preferred ones first.</param>
/// <param name="Methods">Names of its method, the preferred ones first.</param>
/// <param name="Signatures">What the method may look like, the preferred ones first.</param>
internal sealed record StartupConvention(string[] Types, string[] Methods, StartupSignature[] Signatures)
{
    static readonly StartupConvention Owin = new(["Startup"], ["Configuration", "Invoke"], StartupSignature.Owin);

    /// <param name="kind">one of <see cref="AppKinds" /></param>
    public static StartupConvention Of(string kind) =>
        kind == AppKinds.MessageHandler ? MessageHandlerConvention.Instance : Owin;

    /// <summary>What is called of a type that is the app itself, and needs no startup method; null: it is none.</summary>
    public Func<Type, (MethodInfo, StartupSignature)?> AppItself { get; init; } = static _ => null;

    /// <summary>Whether a type has the name, and a method that has one of the names and the shapes.</summary>
    public bool MayBegin(Type type) =>
        Types.Contains(type.Name)
        && Methods.Any(name =>
            StartupLocator.MethodsNamed(type, name).Any(each => Signatures.Any(shape => shape.Fits((MethodInfo)each)))
        );

    /// <summary>All shapes in words.</summary>
    public string Shapes => string.Join(", ", Signatures.Select(each => each.Shape));

    /// <summary>Why a method has none of the shapes.</summary>
    public string WhyNone(MethodInfo method)
    {
        var taking = Signatures.Where(each => each.TakesThoseOf(method)).ToArray();
        if (taking.Length == 0)
            return $"it takes ({TypeNames.ShowParameters(method)})";
        var returns = string.Join(" or ", taking.Select(each => each.Shape.Split(' ')[0]));
        return $"it returns {TypeNames.Show(method.ReturnType)}, not {returns}";
    }
}
