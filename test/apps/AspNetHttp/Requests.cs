using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace AspNetHttp;

/// <summary>What the app sees of a request.</summary>
static class Requests
{
    /// <summary>Notes the status a request ended with, as loggers see it, where it names a topic for that.</summary>
    public static async Task Log(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Query["ended"] is [{ } topic])
            context.Response.OnCompleted(() =>
            {
                Notes.Add(topic, $"{context.Response.StatusCode}");
                return Task.CompletedTask;
            });
        if (context.Request.Query["header"] == "yes")
        {
            context.Response.Headers["X-Middleware"] = "1";
            context.Response.OnStarting(async () =>
            {
                await Task.Yield();
                context.Response.Headers["X-Starting"] = "1";
            });
        }
        if (context.Request.Query["path"] is [{ } paths])
            Notes.Add(paths, $"{context.Request.PathBase.Value}|{context.Request.Path.Value}");
        await next(context);
    }

    public static void Map(WebApplication app)
    {
        app.Map("/request/{**rest}", Describe);
        app.Map("/headers", context => context.Response.WriteAsJsonAsync(Lines(context.Request.Headers)));
        app.Map("/header", context => context.Response.WriteAsJsonAsync(Header(context.Request)));
        app.Map("/headers/change", ChangeHeaders);
        app.Map("/collection", context => context.Response.WriteAsJsonAsync(Collection(context.Features)));
        app.Map("/items", Items);
        app.Map("/user", User);
        app.Map("/user/set", SetUser);
        app.MapGet("/authorized", () => "in").AddEndpointFilter(RequireUser);
    }

    static Task Describe(HttpContext context)
    {
        var (request, connection) = (context.Request, context.Connection);
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        return context.Response.WriteAsJsonAsync(
            new
            {
                request.Method,
                request.Scheme,
                request.Protocol,
                PathBase = request.PathBase.Value,
                Path = request.Path.Value,
                QueryString = request.QueryString.Value,
                feature.RawTarget,
                Host = request.Host.Value,
                request.ContentLength,
                CanHaveBody = context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody,
                Upgradable = context.Features.GetRequiredFeature<IHttpUpgradeFeature>().IsUpgradableRequest,
                Identified = context.TraceIdentifier == context.TraceIdentifier && context.TraceIdentifier.Length > 0,
                ConnectionId = connection.Id,
                Remote = connection.RemoteIpAddress?.ToString(),
                connection.RemotePort,
                Local = connection.LocalIpAddress?.ToString(),
                connection.LocalPort,
                Rest = request.RouteValues["rest"],
            }
        );
    }

    static Dictionary<string, string?[]> Lines(IHeaderDictionary headers) =>
        headers.ToDictionary(each => each.Key, each => each.Value.ToArray());

    static object Header(HttpRequest request)
    {
        string name = request.Query["name"]!;
        return new
        {
            Values = request.Headers[name].ToArray(),
            Found = request.Headers.TryGetValue(name, out _),
            Contained = request.Headers.ContainsKey(name.ToUpperInvariant()),
        };
    }

    static Task ChangeHeaders(HttpContext context)
    {
        var headers = context.Request.Headers;
        headers.Remove("X-Gone");
        headers["X-Changed"] = "new";
        headers.Append("X-Added", "1");
        headers.ContentLength = 17;
        return context.Response.WriteAsJsonAsync(Lines(headers));
    }

    static object Collection(IFeatureCollection features)
    {
        int revision = features.Revision;
        features.Set<IEnumerable<int>>([1, 2]);
        features.Set<ISessionFeature>(null);
        var set = features.Get<IEnumerable<int>>();
        features.Set<IEnumerable<int>>(null);
        return new
        {
            Names = features.Select(each => each.Key.Name).Order().ToArray(),
            AllThere = features.All(each => features[each.Key] == each.Value && each.Key.IsInstanceOfType(each.Value)),
            Grown = features.Revision - revision,
            Set = set,
            Gone = features.Get<IEnumerable<int>>() == null && features[typeof(IEnumerable<int>)] == null,
            features.IsReadOnly,
        };
    }

    static Task Items(HttpContext context) =>
        context.Response.WriteAsJsonAsync(
            context
                .Items.Where(each => each.Key is string name && name.StartsWith("node."))
                .ToDictionary(e => $"{e.Key}", e => $"{e.Value}")
        );

    static Task User(HttpContext context) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                context.User.Identity?.Name,
                context.User.Identity?.IsAuthenticated,
                context.User.Identity?.AuthenticationType,
                Claims = context.User.Claims.Select(each => each.Value).ToArray(),
                Same = context.User == context.Features.Get<IHttpAuthenticationFeature>()?.User,
            }
        );

    static Task SetUser(HttpContext context)
    {
        context.User = new(new ClaimsIdentity([new(ClaimTypes.Name, "from .NET")], "test"));
        return context.Response.WriteAsync("set");
    }

    static ValueTask<object?> RequireUser(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        call.HttpContext.User.Identity is { IsAuthenticated: true } ? next(call) : new(Results.Unauthorized());
}
