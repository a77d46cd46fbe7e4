using System.Reflection;
using Owin.Host.Hosting;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.MessageHandlers;

/// <summary>
/// Where apps begin that are message handlers: a handler or an invoker by itself, a method that makes one, or the
/// registration of ASP.NET Web API.
/// </summary>
internal static class MessageHandlerConvention
{
    static readonly StartupSignature Itself = Shape("HttpMessageHandler", _ => false, IsPipeline, Run);

    public static readonly StartupConvention Instance = new(
        ["Startup", "WebApiConfig"],
        ["Configuration", "Register"],
        [
            Shape("void (HttpConfiguration)", TakesConfiguration, each => each == typeof(void), Register),
            Shape(
                "HttpMessageHandler (IDictionary<string, object>)",
                StartupSignature.TakesDictionary,
                IsPipeline,
                Make
            ),
            Shape("HttpMessageHandler ()", each => each.Length == 0, IsPipeline, Make),
        ]
    )
    {
        AppItself = FindHandler,
    };

    static StartupSignature Shape(
        string shape,
        Func<Type[], bool> takes,
        Func<Type, bool> returns,
        Func<MethodInfo, object?, StartupRun, AppFunc> compile
    ) => new(shape, takes, returns, compile) { Kind = AppKinds.MessageHandler };

    // Handlers, invokers, and the configuration that HttpServer makes a handler of.
    static bool IsPipeline(Type type) =>
        typeof(HttpMessageHandler).IsAssignableFrom(type)
        || typeof(HttpMessageInvoker).IsAssignableFrom(type)
        || WebApi.IsConfiguration(type);

    static bool TakesConfiguration(Type[] parameters) => parameters is [{ FullName: WebApi.Configuration }];

    static (MethodInfo, StartupSignature)? FindHandler(Type type)
    {
        if (!IsPipeline(type) || WebApi.IsConfiguration(type))
            return null;
        if (type.IsAbstract || type.GetConstructor([]) == null)
            throw new OwinException(
                ErrorCodes.StartupSignature,
                $"{type.FullName} is a message handler, but it {(type.IsAbstract ? "is abstract" : "has no public constructor without parameters")}. "
                    + $"Name a method that makes one with the options 'type' and 'method', of one of these shapes: {Instance.Shapes}."
            );
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var send = type.GetMethod("SendAsync", any, [typeof(HttpRequestMessage), typeof(CancellationToken)])!;
        return (send, Itself);
    }

    static AppFunc Register(MethodInfo method, object? self, StartupRun run)
    {
        var configuration = Activator.CreateInstance(method.GetParameters()[0].ParameterType)!;
        StartupSignature.Call(method, self, configuration);
        return Run(method, configuration, run);
    }

    static AppFunc Make(MethodInfo method, object? self, StartupRun run)
    {
        object[] arguments = method.GetParameters().Length == 0 ? [] : [run.Properties];
        return Run(method, StartupSignature.Call(method, self, arguments), run);
    }

    static AppFunc Run(MethodInfo method, object? made, StartupRun run)
    {
        object pipeline = made switch
        {
            null => throw StartupErrors.ReturnedNull(method),
            HttpMessageInvoker given => given,
            HttpMessageHandler handler => NoRouteMatched.End(handler),
            _ => WebApi.CreateServer(made),
        };
        var invoker = pipeline as HttpMessageInvoker ?? new HttpMessageInvoker((HttpMessageHandler)pipeline);
        var disposing = (CancellationToken)run.Properties[Http.OwinKeys.HostOnAppDisposing];
        disposing.Register(invoker.Dispose);
        return new MessageHandlerAdapter(invoker, new RequestContext(WebApi.Of(run.Context, pipeline))).Invoke;
    }
}
