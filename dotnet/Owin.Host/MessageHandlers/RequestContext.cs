using System.Security.Principal;
using Owin.Host.Http;

namespace Owin.Host.MessageHandlers;

/// <summary>
/// What message handlers ask about a request beside the message: in its Options, under the names that ASP.NET Web API
/// gave them, and in the object of Web API's own where the app has that library.
/// <para>Threads: any, after it was made.</para>
/// </summary>
internal sealed class RequestContext(WebApi? webApi)
{
    const string IncludeErrorDetail = "node.IncludeErrorDetail";

    /// <summary>Tells the request, and the thread's principal, what the environment knows.</summary>
    public void Attach(HttpRequestMessage request, OwinEnvironment env)
    {
        IDictionary<string, object?> options = request.Options;
        bool isLocal = (bool)env[OwinKeys.ServerIsLocal];
        bool? detail = env.TryGetValue(IncludeErrorDetail, out var given) ? given as bool? : null;
        options["MS_OwinEnvironment"] = env;
        options["MS_IsLocal"] = new Lazy<bool>(() => isLocal);
        options["MS_IncludeErrorDetail"] = new Lazy<bool>(() => detail ?? isLocal);
        if (env.TryGetValue(OwinKeys.SslClientCertificate, out var certificate))
            options["MS_ClientCertificate"] = certificate;
        if (env.TryGetValue(OwinKeys.ServerUser, out var user))
            Thread.CurrentPrincipal = (IPrincipal)user;
        if (webApi?.CreateContext(request, env, isLocal, detail) is { } context)
            options["MS_RequestContext"] = context;
    }

    /// <summary>A 404 because no route has matched, as HttpRoutingDispatcher marks it: others may answer.</summary>
    public static bool IsSoftNotFound(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode == System.Net.HttpStatusCode.NotFound
        && ((IDictionary<string, object?>)request.Options).TryGetValue(NoRouteMatched, out var value)
        && value is true;

    /// <summary>The key under which the end of a pipeline says so.</summary>
    public const string NoRouteMatched = "MS_NoRouteMatched";

    /// <summary>Disposes what was registered with the request. What throws is written to the app's trace.</summary>
    public static void DisposeResources(HttpRequestMessage request, OwinEnvironment env)
    {
        IDictionary<string, object?> options = request.Options;
        if (!options.TryGetValue("MS_DisposableRequestResources", out var value) || value is not List<IDisposable> all)
            return;
        foreach (var resource in all)
        {
            try
            {
                resource.Dispose();
            }
            catch (Exception error)
            {
                ((TextWriter)env[OwinKeys.HostTraceOutput]).WriteLine(error);
            }
        }
        all.Clear();
    }
}
