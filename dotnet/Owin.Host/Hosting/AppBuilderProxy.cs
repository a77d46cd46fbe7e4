using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Owin.Host.Hosting;

/// <summary>
/// What implementations of an app's IAppBuilder derive from. They are made in the app's own load context, where the
/// name of the interface's assembly means the app's. Public for them alone; each method of the interface calls the one
/// of the same name here.
/// </summary>
public abstract class AppBuilderProxy
{
    // A context outlives the apps that are loaded into it one after the other.
    static readonly ConditionalWeakTable<Type, Type> Implementations = [];

    AppBuilder builder = null!;

    internal static AppBuilderProxy Create(Type builderInterface, AppBuilder builder, AppLoadContext context) =>
        Create(Implementations.GetValue(builderInterface, each => Implement(each, context)), builder);

    static AppBuilderProxy Create(Type implementation, AppBuilder builder)
    {
        var proxy = (AppBuilderProxy)Activator.CreateInstance(implementation)!;
        proxy.builder = builder;
        return proxy;
    }

    /// <summary>IAppBuilder.Properties.</summary>
    protected object GetProperties() => builder.Properties;

    /// <summary>IAppBuilder.Use.</summary>
    protected object Use(object middleware, object[] args)
    {
        builder.Use(middleware, args);
        return this;
    }

    /// <summary>IAppBuilder.New.</summary>
    protected object New() => Create(GetType(), builder.New());

    /// <summary>IAppBuilder.Build.</summary>
    protected object? Build(Type returnType) => builder.Build(returnType);

    static Type Implement(Type builderInterface, AppLoadContext context)
    {
        using var scope = context.EnterContextualReflection();
        var type = AssemblyBuilder
            .DefineDynamicAssembly(
                new AssemblyName("Owin.Host.AppBuilder"),
                context.IsCollectible ? AssemblyBuilderAccess.RunAndCollect : AssemblyBuilderAccess.Run
            )
            .DefineDynamicModule("Owin.Host.AppBuilder")
            .DefineType("AppBuilder", TypeAttributes.Sealed, typeof(AppBuilderProxy), [builderInterface]);
        foreach (var method in builderInterface.GetMethods())
            Implement(type, method);
        return type.CreateType();
    }

    static void Implement(TypeBuilder type, MethodInfo method)
    {
        var name = method.Name == "get_Properties" ? nameof(GetProperties) : method.Name;
        var target =
            typeof(AppBuilderProxy).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new NotSupportedException(
                $"{method.DeclaringType} has a method {method.Name}, which is not known."
            );
        Type[] parameters = [.. method.GetParameters().Select(each => each.ParameterType)];
        var implementation = type.DefineMethod(
            $"IAppBuilder.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final,
            method.ReturnType,
            parameters
        );
        var code = implementation.GetILGenerator();
        for (int i = 0; i <= parameters.Length; i++)
            code.Emit(OpCodes.Ldarg, (short)i);
        code.Emit(OpCodes.Call, target);
        code.Emit(OpCodes.Castclass, method.ReturnType);
        code.Emit(OpCodes.Ret);
        type.DefineMethodOverride(implementation, method);
    }
}
