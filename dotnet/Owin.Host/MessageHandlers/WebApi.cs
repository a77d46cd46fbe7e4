using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Owin.Host.Hosting;
using Owin.Host.Http;

namespace Owin.Host.MessageHandlers;

/// <summary>
/// ASP.NET Web API 2, which an app brings: this assembly is built without it, so by reflection.
/// <para>Threads: any, after it was made.</para>
/// </summary>
internal sealed class WebApi
{
    public const string Configuration = "System.Web.Http.HttpConfiguration";
    const string AssemblyName = "System.Web.Http";
    const string Server = "System.Web.Http.HttpServer";

    readonly object? configuration;
    readonly PropertyInfo? errorDetailPolicy;
    readonly Type context;
    readonly ConstructorInfo urlHelper;
    readonly PropertyInfo certificate;
    readonly PropertyInfo includeErrorDetail;
    readonly PropertyInfo isLocal;
    readonly PropertyInfo url;
    readonly PropertyInfo virtualPathRoot;

    WebApi(AppLoadContext app, Type contextBase, Type urlHelper, object? configuration)
    {
        this.configuration = configuration;
        errorDetailPolicy = configuration?.GetType().GetProperty("IncludeErrorDetailPolicy");
        context = PrincipalOfThread.Derive(app, contextBase);
        this.urlHelper = urlHelper.GetConstructor([typeof(HttpRequestMessage)])!;
        certificate = contextBase.GetProperty("ClientCertificate")!;
        includeErrorDetail = contextBase.GetProperty("IncludeErrorDetail")!;
        isLocal = contextBase.GetProperty("IsLocal")!;
        url = contextBase.GetProperty("Url")!;
        virtualPathRoot = contextBase.GetProperty("VirtualPathRoot")!;
    }

    /// <summary>Null where the app does not use it, or a version that has no HttpRequestContext.</summary>
    public static WebApi? Of(AppLoadContext app, object pipeline)
    {
        var assembly = app.Assemblies.FirstOrDefault(each => each.GetName().Name == AssemblyName);
        return
            assembly?.GetType("System.Web.Http.Controllers.HttpRequestContext") is { } context
            && assembly.GetType("System.Web.Http.Routing.UrlHelper") is { } urlHelper
            ? new WebApi(app, context, urlHelper, ConfigurationOf(pipeline))
            : null;
    }

    /// <summary>The HttpServer of a configuration, whose initializers have run.</summary>
    public static HttpMessageHandler CreateServer(object configuration)
    {
        var type = configuration.GetType();
        type.GetMethod("EnsureInitialized", [])!
            .Invoke(configuration, BindingFlags.DoNotWrapExceptions, null, null, null);
        var server = ConfigurationType(type).Assembly.GetType(Server, throwOnError: true)!;
        var constructor = server.GetConstructor([ConfigurationType(type)])!;
        return (HttpMessageHandler)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [configuration], null);
    }

    /// <summary>Whether a type is HttpConfiguration.</summary>
    public static bool IsConfiguration(Type? type) =>
        type != null && (type.FullName == Configuration || IsConfiguration(type.BaseType));

    /// <summary>Whether a handler is an HttpServer, which makes the handlers behind it itself.</summary>
    public static bool IsServer(HttpMessageHandler handler)
    {
        for (var type = handler.GetType(); type != null; type = type.BaseType)
        {
            if (type.FullName == Server)
                return true;
        }
        return false;
    }

    /// <summary>A request's HttpRequestContext.</summary>
    public object CreateContext(HttpRequestMessage request, OwinEnvironment env, bool local, bool? detail)
    {
        var created = Activator.CreateInstance(context)!;
        if (env.TryGetValue(OwinKeys.SslClientCertificate, out var value) && value is X509Certificate2)
            certificate.SetValue(created, value);
        includeErrorDetail.SetValue(created, detail ?? ShowsDetail(local));
        isLocal.SetValue(created, local);
        url.SetValue(created, urlHelper.Invoke([request]));
        virtualPathRoot.SetValue(
            created,
            (string)env[OwinKeys.OwinRequestPathBase] is { Length: > 0 } mount ? mount : "/"
        );
        return created;
    }

    bool ShowsDetail(bool local) =>
        errorDetailPolicy?.GetValue(configuration)?.ToString() switch
        {
            "Always" => true,
            "Never" => false,
            _ => local,
        };

    static Type ConfigurationType(Type type) =>
        type.FullName == Configuration ? type : ConfigurationType(type.BaseType!);

    static object? ConfigurationOf(object pipeline)
    {
        var handler = pipeline as HttpMessageHandler;
        while (handler != null && !IsServer(handler))
            handler = (handler as DelegatingHandler)?.InnerHandler;
        return handler?.GetType().GetProperty("Configuration")?.GetValue(handler);
    }
}
