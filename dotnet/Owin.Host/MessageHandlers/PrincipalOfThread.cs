using System.Reflection;
using System.Reflection.Emit;
using Owin.Host.Hosting;

namespace Owin.Host.MessageHandlers;

/// <summary>
/// Derives from Web API's HttpRequestContext a class whose Principal is Thread.CurrentPrincipal: code that sets either
/// is seen by code that reads the other, as it is in Web API's own hosts. The base class is one of the app's, so the
/// derived one is made at run time.
/// </summary>
internal static class PrincipalOfThread
{
    const string Name = "Owin.Host.RequestContext";

    public static Type Derive(AppLoadContext app, Type contextBase)
    {
        using var scope = app.EnterContextualReflection();
        var access = app.IsCollectible ? AssemblyBuilderAccess.RunAndCollect : AssemblyBuilderAccess.Run;
        var type = AssemblyBuilder
            .DefineDynamicAssembly(new AssemblyName(Name), access)
            .DefineDynamicModule(Name)
            .DefineType(Name, TypeAttributes.Public | TypeAttributes.Sealed, contextBase);
        var current = typeof(Thread).GetProperty(nameof(Thread.CurrentPrincipal))!;
        var overridden = contextBase.GetProperty("Principal")!;
        Override(type, overridden.GetMethod!, current.GetMethod!);
        Override(type, overridden.SetMethod!, current.SetMethod!);
        return type.CreateType();
    }

    // The static method gets the arguments of the overriding one, but for `this`.
    static void Override(TypeBuilder type, MethodInfo overridden, MethodInfo target)
    {
        Type[] parameters = [.. overridden.GetParameters().Select(each => each.ParameterType)];
        var attributes = overridden.Attributes & ~(MethodAttributes.NewSlot | MethodAttributes.Abstract);
        var method = type.DefineMethod(overridden.Name, attributes, overridden.ReturnType, parameters);
        var code = method.GetILGenerator();
        for (int i = 1; i <= parameters.Length; i++)
            code.Emit(OpCodes.Ldarg, (short)i);
        code.Emit(OpCodes.Call, target);
        code.Emit(OpCodes.Ret);
        type.DefineMethodOverride(method, overridden);
    }
}
