using System.Security.Principal;
using System.Web.Http;

namespace WebApi;

/// As the templates of Visual Studio write it.
public static class WebApiConfig
{
    public static void Register(HttpConfiguration config)
    {
        config.MapHttpAttributeRoutes();
        config.Routes.MapHttpRoute(
            name: "DefaultApi",
            routeTemplate: "api/{controller}/{id}",
            defaults: new { id = RouteParameter.Optional }
        );
        config.MessageHandlers.Add(new TokenHandler());
    }
}

/// Other ways to begin, which tests name.
public static class Hosts
{
    public static HttpServer Server()
    {
        var config = new HttpConfiguration { IncludeErrorDetailPolicy = IncludeErrorDetailPolicy.Always };
        WebApiConfig.Register(config);
        return new HttpServer(config);
    }

    public static HttpConfiguration Discreet()
    {
        var config = new HttpConfiguration { IncludeErrorDetailPolicy = IncludeErrorDetailPolicy.Never };
        WebApiConfig.Register(config);
        return config;
    }

    public static HttpConfiguration Conflicting()
    {
        var config = new HttpConfiguration();
        config.Routes.MapHttpRoute("same", "a");
        config.Routes.MapHttpRoute("same", "b");
        return config;
    }

    public static void Failing(HttpConfiguration config) =>
        config.Initializer = _ => throw new InvalidOperationException("the initializer has failed");
}

/// Authenticates as handlers of that time do: by the thread's principal.
sealed class TokenHandler : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled)
    {
        if (request.Headers.Authorization is { Scheme: "Token", Parameter: var name })
            Thread.CurrentPrincipal = new GenericPrincipal(new GenericIdentity(name), ["reader"]);
        return base.SendAsync(request, cancelled);
    }
}
