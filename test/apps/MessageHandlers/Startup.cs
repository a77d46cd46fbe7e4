namespace MessageHandlers;

/// A pipeline of two handlers, made of the startup properties.
public class Startup
{
    public HttpMessageHandler Configuration(IDictionary<string, object> properties) =>
        new Stamp(properties.TryGetValue("node.stamp", out var stamp) ? (string)stamp : "none")
        {
            InnerHandler = new Routes(),
        };
}

/// Ways to begin that tests name with the options type and method.
public static class Factory
{
    public static HttpMessageInvoker Invoker() => new(new Plain());

    public static Plain Handler() => new();

    public static HttpMessageHandler? Null() => null;

    public static string Text() => "no handler";
}

/// A handler that is a type's own.
public class Plain : HttpMessageHandler
{
    public static int Disposed { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled) =>
        Task.FromResult(new HttpResponseMessage { Content = new StringContent("plain") });

    protected override void Dispose(bool disposing)
    {
        Disposed++;
        Console.WriteLine("plain is disposed");
    }
}

/// A pipeline without an end: what it does not answer is for others.
public class Front : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled) =>
        request.RequestUri!.AbsolutePath == "/front"
            ? Task.FromResult(new HttpResponseMessage { Content = new StringContent("front") })
            : base.SendAsync(request, cancelled);
}

/// An invoker as a type.
public class OwnInvoker() : HttpMessageInvoker(new Plain());

public class Unready(string text) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled) =>
        throw new NotSupportedException(text);
}

sealed class Stamp(string stamp) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancelled
    )
    {
        var response = await base.SendAsync(request, cancelled);
        response?.Headers.Add("X-Stamp", stamp);
        return response!;
    }
}
