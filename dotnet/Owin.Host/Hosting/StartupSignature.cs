using System.Reflection;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>One shape that a startup method may have.</summary>
/// <param name="Shape">The signature in words of C#, for messages.</param>
/// <param name="Takes">Whether these are the parameters of the shape.</param>
/// <param name="Returns">Whether this is the return type of it.</param>
/// <param name="Compile">Makes the handler of a method and its instance (null when static). Runs the app's code.</param>
internal sealed record StartupSignature(
    string Shape,
    Func<Type[], bool> Takes,
    Func<Type, bool> Returns,
    Func<MethodInfo, object?, StartupRun, AppFunc> Compile
)
{
    /// <summary>The shapes of OWIN, the preferred ones first.</summary>
    public static readonly StartupSignature[] Owin =
    [
        new("void (IAppBuilder)", TakesBuilder, each => each == typeof(void), Configure),
        new("Task (IAppBuilder)", TakesBuilder, IsTask, Configure),
        new("Task (IDictionary<string, object>)", TakesDictionary, IsTask, (method, self, _) => App(method, self)),
        new("AppFunc (AppFunc)", TakesOnly<AppFunc>, each => each == typeof(AppFunc), Wrap),
        new("MidFunc (IDictionary<string, object>)", TakesDictionary, each => each == typeof(MidFunc), Make),
        new("void (Action<MidFactory>)", TakesOnly<BuildFunc>, each => each == typeof(void), Build),
        new("object (IDictionary<string, object>)", TakesDictionary, IsObject, Make),
        new("object ()", each => each.Length == 0, IsObject, Make),
    ];

    /// <summary>One of <see cref="AppKinds" />.</summary>
    public string Kind { get; init; } = Takes == TakesBuilder ? AppKinds.Katana : AppKinds.Owin;

    public bool Fits(MethodInfo method) => TakesThoseOf(method) && Returns(method.ReturnType);

    /// <summary>Whether the method's parameters are those of the shape.</summary>
    public bool TakesThoseOf(MethodInfo method) =>
        Takes([.. method.GetParameters().Select(each => each.ParameterType)]);

    static bool TakesOnly<T>(Type[] parameters) => parameters is [var only] && only == typeof(T);

    /// <summary>The startup properties.</summary>
    public static bool TakesDictionary(Type[] parameters) => TakesOnly<IDictionary<string, object>>(parameters);

    static bool TakesBuilder(Type[] parameters) => parameters is [{ FullName: AppBuilders.InterfaceName }];

    static bool IsTask(Type type) => typeof(Task).IsAssignableFrom(type);

    static bool IsObject(Type type) => !type.IsValueType && type != typeof(void) && !IsTask(type);

    static AppFunc App(MethodInfo method, object? self) => method.CreateDelegate<AppFunc>(self);

    static AppFunc Configure(MethodInfo method, object? self, StartupRun run)
    {
        var builder = AppBuilders.Create(method.GetParameters()[0].ParameterType, run);
        (Call(method, self, builder.Instance) as Task)?.GetAwaiter().GetResult();
        return builder.Build();
    }

    static AppFunc Wrap(MethodInfo method, object? self, StartupRun run)
    {
        var builder = new AppBuilder(run.Properties);
        return builder.Use(method.CreateDelegate<MidFunc>(self), []).Build();
    }

    static AppFunc Build(MethodInfo method, object? self, StartupRun run)
    {
        var builder = new AppBuilder(run.Properties);
        method.CreateDelegate<Action<BuildFunc>>(self)(factory => builder.Use(factory(run.Properties), []));
        return builder.Build();
    }

    // What the method returns is an app, or something that makes one.
    static AppFunc Make(MethodInfo method, object? self, StartupRun run)
    {
        var builder = new AppBuilder(run.Properties);
        object[] arguments = method.GetParameters().Length == 0 ? [] : [run.Properties];
        var made = Call(method, self, arguments);
        return made switch
        {
            null => throw StartupErrors.ReturnedNull(method),
            MidFactory factory => builder.Use(factory(run.Properties), []).Build(),
            MidFunc middleware => builder.Use(middleware, []).Build(),
            _ => (AppFunc)builder.Convert(typeof(AppFunc), made),
        };
    }

    /// <summary>Calls the method; what it throws comes as it is.</summary>
    public static object? Call(MethodInfo method, object? self, params object[] arguments) =>
        method.Invoke(self, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
