using System.Runtime.CompilerServices;
using Owin.Host.Functions;

namespace Owin.Host.Http;

/// <summary>
/// Requests to the JavaScript app that the handler is mounted in: what <c>node.HttpMessageHandler</c> sends. Each is a
/// few calls of one function, whose other half is src/http/app-requests.ts.
/// <para>Threads: any. Close may come at any time: what waits fails then, and so does what comes later.</para>
/// </summary>
internal sealed class AppRequests(JsEnvironment environment, int app)
{
    // What JavaScript keeps for the package itself.
    const int Itself = 0;

    static int last;

    readonly object gate = new();
    JsFunctions? functions;
    object? handler;
    bool closed;

    /// <summary>The HttpMessageHandler. Not typed so: its assembly is loaded when it is first asked for.</summary>
    public object Handler
    {
        get
        {
            lock (gate)
                return handler ??= MakeHandler(this);
        }
    }

    /// <summary>Sends the head, and the body where it is at hand; returns the fields of the response.</summary>
    public async Task<List<object>> Send(
        int number,
        string method,
        string target,
        bool secure,
        List<object> headers,
        object? body
    ) => (List<object>)await Call("send", number, app, method, target, secure, headers, body);

    /// <summary>A number for a request.</summary>
    public static int Next() => Interlocked.Increment(ref last);

    /// <summary>False: nobody reads the request body any more.</summary>
    public async Task<bool> Write(int number, ReadOnlyMemory<byte> bytes) => (bool)await Call("write", number, bytes);

    /// <summary>The request body is complete.</summary>
    public Task End(int number) => Call("end", number);

    /// <summary>Bytes of the response body (<c>byte[]</c>), or at its end the trailers (a list).</summary>
    public Task<object> Read(int number) => Call("read", number);

    /// <summary>Nobody waits for the request any more.</summary>
    public void Cancel(int number) => _ = Call("cancel", number).ContinueWith(static call => call.Exception);

    public void Close()
    {
        JsFunctions? made;
        lock (gate)
        {
            closed = true;
            made = functions;
        }
        made?.Close();
    }

    Task<object> Call(params object?[] step)
    {
        lock (gate)
        {
            functions ??= new(environment, "handler");
            if (closed)
                functions.Close();
        }
        return functions.Get(Itself)(step);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static object MakeHandler(AppRequests requests) => new NodeHttpMessageHandler(requests);
}
